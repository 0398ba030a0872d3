// SPDX-License-Identifier: Apache-2.0
//
// Any text through patterns with named groups: every field is a piece of the text.
#include "parse_run.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static picket::fuzz::ParseRun run(R"--({"format": "regex", "pattern": [
    "^(?P<client>\\S+) \\S+ (?P<user>\\S+) \\[(?P<time>[^\\]]+)\\] \"(?P<request>[^\"]*)\" (?P<status>\\d{3}) (?P<size>\\S+)",
    "(?P<word>(?:\\pL|_)+)(?P<rest>.*)",
    "x(?P<byte>\\C)(?P<tail>\\C*)$"]})--");
  const std::string_view text = picket::fuzz::text_of(data, size);
  run.process(text);
  const auto* const reading = run.read(text);
  if (reading == nullptr) return 0;
  for (const auto& found : reading->fields()) {
    const std::string_view piece = found.value.as_text();
    picket::fuzz::require(piece.empty() ||
                          (piece.data() >= text.data() && piece.data() + piece.size() <= text.data() + size));
  }
  return 0;
}
