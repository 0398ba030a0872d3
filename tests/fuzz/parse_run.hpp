// SPDX-License-Identifier: Apache-2.0
//
// What the fuzz targets of the step `parse` share: one text through a format, and through the whole step, with what
// must hold for every format. Aborts when it does not.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/clock.hpp"
#include "routing/batch_validate.hpp"
#include "routing/names.hpp"
#include "routing/steps/event_writer.hpp"
#include "routing/steps/parse/format.hpp"
#include "routing/steps/step_catalogue.hpp"
#include "routing/utf8.hpp"

namespace picket::fuzz {

inline void require(bool holds) {
  if (!holds) std::abort();
}

class ParseRun {
 public:
  static constexpr std::size_t kMaxFields = 64;

  // `text`: settings of the step as JSON, with `format`.
  explicit ParseRun(std::string_view text) : reading_(names_, "", kMaxFields) {
    auto settings = nlohmann::json::parse(text);
    settings["max_fields"] = kMaxFields;
    const auto zone = routing::parse::Zone::parse("utc");
    format_ = routing::parse::format_type(settings["format"].get<std::string>()).make(settings, *zone);
    settings["zone"] = "utc";
    names_.intern("known");
    step_ = routing::kParseStep.make(settings, {names_, platform::system_clock()});
  }

  // The format alone. Nothing when it refuses the text; fields that are gone are still in the answer.
  const routing::parse::Reading* read(std::string_view text) {
    reading_.begin(text, 1'800'000'000'000'000'000);
    failure_ = format_->read(text, reading_);
    if (failure_) {
      require(failure_->offset <= text.size() && !failure_->reason.empty());
      return nullptr;
    }
    reading_.finish();
    require(reading_.fields().size() <= kMaxFields);
    for (const auto& found : reading_.fields()) {
      require(!found.key.empty() && found.key.size() <= routing::Names::kMaxLength);
      require(routing::is_valid_utf8(found.key));
      if (found.value.is_text()) require(routing::is_valid_utf8(found.value.as_text()));
      if (!found.gone) require(reading_.find(found.key, found.hash) == &found);
    }
    return &reading_;
  }
  // Why the last read() refused the text.
  std::string_view reason() const { return failure_ ? failure_->reason : std::string_view(); }

  // The step: one event in, one event out, in a batch that is valid; tagged if, and only if, the format refuses the
  // text.
  void process(std::string_view text) {
    const bool refused = read(text) == nullptr;
    Last in;
    routing::EventWriter writer(in);
    writer.begin(names_.intern("log"));
    writer.set(names_.intern("message"), routing::Value::bytes(text));
    writer.flush();
    Last out;
    step_->process(routing::Events(in.batch, nullptr, 1), out);
    require(out.batch && out.batch->event_count == 1);
    require(routing::validate_batch(*out.batch, names_.size()).ok());
    const bool tagged = picket_batch_find(out.batch.get(), out.batch->events, names_.find("parse.error")) != nullptr;
    require(tagged == refused);
  }

 private:
  struct Last final : routing::Output {
    void pass(const routing::Events& /*in*/, std::span<const std::uint32_t> /*indices*/) override {}
    void pass(const routing::Events& /*in*/) override {}
    void add(routing::BatchRef made) override { batch = std::move(made); }
    routing::BatchRef batch;
  };

  routing::Names names_;
  routing::parse::Reading reading_;
  std::unique_ptr<routing::parse::Format> format_;
  std::unique_ptr<routing::Step> step_;
  std::optional<routing::parse::Failure> failure_;
};

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// `text` between quotes, as logfmt and key_value read it back.
inline std::string quote(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

// The same fields in the same order.
inline bool same_fields(const routing::parse::Reading& reading,
                        const std::vector<std::pair<std::string, std::string>>& fields) {
  if (reading.fields().size() != fields.size()) return false;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto& found = reading.fields()[i];
    if (found.key != fields[i].first || found.value.as_text() != fields[i].second) return false;
  }
  return true;
}

}  // namespace picket::fuzz
