// SPDX-License-Identifier: Apache-2.0
//
// Any text as logfmt: what is read, written down as logfmt, is read to the same fields.
#include "parse_run.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static picket::fuzz::ParseRun run(R"({"format": "logfmt"})");
  const std::string_view text = picket::fuzz::text_of(data, size);
  run.process(text);
  const auto* const reading = run.read(text);
  if (reading == nullptr) return 0;
  std::string again;
  std::vector<std::pair<std::string, std::string>> fields;
  for (const auto& found : reading->fields()) {
    if (found.value.type() == picket::routing::ValueType::boolean) continue;
    fields.emplace_back(found.key, found.value.as_text());
    again += fields.back().first + "=" + picket::fuzz::quote(fields.back().second) + " ";
  }
  const auto* const second = run.read(again);
  picket::fuzz::require(second != nullptr && picket::fuzz::same_fields(*second, fields));
  return 0;
}
