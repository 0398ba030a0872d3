// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the JSON of an event: refused with a place inside of the text, or a valid batch whose own JSON is read
// back and written as the same.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "routing/batch_validate.hpp"
#include "routing/event_json.hpp"

namespace {

using picket::routing::EventJsonOptions;
using picket::routing::EventJsonReader;
using picket::routing::NamePolicy;
using picket::routing::Names;

void must_hold(bool holds) {
  if (!holds) std::abort();
}

struct Nothing final : picket::routing::Output {
  void pass(const picket::routing::Events& /*in*/, std::span<const std::uint32_t> /*indices*/) override {}
  void pass(const picket::routing::Events& /*in*/) override {}
  void add(picket::routing::BatchRef /*made*/) override {}
};

void read_one(std::string_view text, NamePolicy policy) {
  Names names;
  for (const char* name : {"log", "metric", "host", "known", "name", "value"}) names.intern(name);
  const std::uint32_t known = names.size();
  EventJsonOptions options;
  options.names = policy;
  options.keep_sequence = true;
  EventJsonReader reader(names, options);
  Nothing nothing;
  picket::routing::EventWriter writer(nothing);
  if (const auto error = reader.read(text, writer)) {
    must_hold(error->offset <= text.size() && !error->message.empty() && writer.event_count() == 0);
    return;
  }
  const auto batch = reader.read(text);
  must_hold(batch.ok() && (*batch)->event_count == 1);
  must_hold(picket::routing::validate_batch(**batch, names.size()).ok());
  if (policy == NamePolicy::lookup_only) must_hold(names.size() == known);
  const std::string written = event_json(**batch, (*batch)->events[0], names);
  must_hold(written.find('\n') == std::string::npos);
  const auto back = reader.read(written);
  must_hold(back.ok());
  must_hold(event_json(**back, (*back)->events[0], names) == written);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_one(text, NamePolicy::lookup_only);
  read_one(text, NamePolicy::intern);
  return 0;
}
