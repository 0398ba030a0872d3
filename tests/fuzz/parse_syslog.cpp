// SPDX-License-Identifier: Apache-2.0
//
// Any text as a syslog message: every name in its header comes from the text, and the message is the end of it.
#include "parse_run.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static picket::fuzz::ParseRun run(R"({"format": "syslog"})");
  const std::string_view text = picket::fuzz::text_of(data, size);
  run.process(text);
  const auto* const reading = run.read(text);
  if (reading == nullptr) return 0;
  const auto end = text.find_last_not_of(std::string_view("\r\n\0", 3));
  const std::string_view trimmed = text.substr(0, end + 1);
  for (const auto& found : reading->fields()) {
    const auto type = found.value.type();
    if (found.key == "facility" ||
        (type != picket::routing::ValueType::text && type != picket::routing::ValueType::bytes))
      continue;
    const std::string_view value = found.value.as_text();
    if (found.key == "message") picket::fuzz::require(trimmed.ends_with(value));
    if (!found.key.starts_with("sd.")) picket::fuzz::require(trimmed.find(value) != std::string_view::npos);
  }
  picket::fuzz::require(!reading->severity || (*reading->severity >= 2 && *reading->severity <= 9));
  return 0;
}
