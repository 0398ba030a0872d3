// SPDX-License-Identifier: Apache-2.0
//
// `unset`: takes fields away by patterns of their keys. Remembers for each interned key whether it goes.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "routing/expression/glob.hpp"
#include "routing/steps/event_writer.hpp"
#include "routing/steps/step_catalogue.hpp"

namespace picket::routing {
namespace {

using expression::Glob;

constexpr const char* kUnsetSchema = R"json({
  "type": "object",
  "description": "Takes away the fields whose keys match.",
  "required": ["fields"],
  "properties": {
    "fields": {"description": "Patterns of keys: `*` is any run of characters, `?` one character, like [tmp.*, password].",
               "type": "array", "minItems": 1, "maxItems": 256,
               "examples": [["tmp.*"]], "items": {"type": "string", "minLength": 1, "maxLength": 255}},
    "except": {"description": "Patterns of keys that stay all the same.", "type": "array", "maxItems": 256, "default": [],
               "items": {"type": "string", "minLength": 1, "maxLength": 255}}
  }
})json";

std::vector<Glob> globs(const nlohmann::json& patterns) {
  std::vector<Glob> result;
  for (const auto& pattern : patterns) {
    auto glob = Glob::compile(pattern.get_ref<const std::string&>());
    if (!glob) throw std::runtime_error("the pattern `" + pattern.get<std::string>() + "` ends in a lone backslash");
    result.push_back(std::move(*glob));
  }
  return result;
}

bool any_matches(const std::vector<Glob>& patterns, std::string_view key) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const Glob& glob) { return glob.matches(key); });
}

class UnsetStep final : public Step {
 public:
  UnsetStep(const nlohmann::json& settings, const StepContext& context)
      : names_(context.names),
        fields_(globs(settings["fields"])),
        except_(globs(settings.value("except", nlohmann::json::array()))) {}

  void process(const Events& in, Output& out) override {
    if (!concerns(in)) return out.pass(in);
    writer_.begin_batch(out);
    for (std::uint32_t i = 0; i < in.count(); ++i) {
      const picket_event& event = in[i];
      writer_.begin_copy(event);
      for (std::uint32_t f = 0; f < event.field_count; ++f) {
        const picket_field& field = in.batch().fields[event.first_field + f];
        if (!goes(in.batch(), field)) writer_.field(in.batch(), field);
      }
    }
    writer_.flush();
  }

 private:
  bool concerns(const Events& in) {
    for (std::uint32_t i = 0; i < in.count(); ++i) {
      const picket_field* const first = in.batch().fields + in[i].first_field;
      if (std::any_of(first, first + in[i].field_count, [&](const auto& field) { return goes(in.batch(), field); })) {
        return true;
      }
    }
    return false;
  }

  bool goes(std::string_view key) const { return any_matches(fields_, key) && !any_matches(except_, key); }

  bool goes(const picket_batch& batch, const picket_field& field) {
    if ((field.key & PICKET_KEY_INLINE) != 0) {
      const picket_str text = picket_batch_inline_key_text(&batch, field.key);
      return goes({text.data, static_cast<std::size_t>(text.length)});
    }
    if (field.key >= known_.size()) known_.resize(std::max<std::size_t>(field.key, names_.size()) + 1, kUnknown);
    char& known = known_[field.key];
    if (known == kUnknown) known = goes(names_.text(field.key)) ? kGoes : kStays;
    return known == kGoes;
  }

  enum : char { kUnknown, kGoes, kStays };

  const Names& names_;
  const std::vector<Glob> fields_;
  const std::vector<Glob> except_;
  std::vector<char> known_;  // by interned key
  EventWriter writer_;
};

std::vector<StepProblem> check_unset(const nlohmann::json& settings, Names& /*names*/) {
  std::vector<StepProblem> problems;
  for (const char* list : {"fields", "except"}) {
    const nlohmann::json patterns = settings.value(list, nlohmann::json::array());
    for (std::size_t i = 0; i < patterns.size(); ++i) {
      const auto text = patterns[i].get<std::string>();
      if (Glob::compile(text)) continue;
      problems.push_back({"/" + std::string(list) + "/" + std::to_string(i), text.size() - 1,
                          "a backslash at the end stands before nothing; write two for a backslash itself"});
    }
  }
  return problems;
}

}  // namespace

const StepType kUnsetStep = {"unset", "Take fields away by patterns of their keys", kUnsetSchema,
                             [](const nlohmann::json& settings, const StepContext& context) -> std::unique_ptr<Step> {
                               return std::make_unique<UnsetStep>(settings, context);
                             },
                             check_unset};

}  // namespace picket::routing
