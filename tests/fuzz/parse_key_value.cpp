// SPDX-License-Identifier: Apache-2.0
//
// Any text as pairs, with separators that its first byte chooses: what is read, written down with the same separators,
// is read to the same fields.
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "parse_run.hpp"

namespace {

struct Separators {
  const char* pair;
  const char* value;
};
constexpr std::array<Separators, 5> kSeparators = {{{" ", "="}, {";", ":"}, {"||", "->"}, {", ", "="}, {" ", ": "}}};

picket::fuzz::ParseRun& run_with(const Separators& separators) {
  static std::array<std::unique_ptr<picket::fuzz::ParseRun>, kSeparators.size()> runs;
  auto& run = runs[static_cast<std::size_t>(&separators - kSeparators.data())];
  if (!run) {
    const std::string text = std::string(R"({"format": "key_value", "pair_separator": ")") + separators.pair +
                             R"(", "value_separator": ")" + separators.value + "\"}";
    run = std::make_unique<picket::fuzz::ParseRun>(text);
  }
  return *run;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Separators& separators = kSeparators[data[0] % kSeparators.size()];
  const std::string_view text = picket::fuzz::text_of(data + 1, size - 1);
  picket::fuzz::ParseRun& run = run_with(separators);
  run.process(text);
  const auto* const reading = run.read(text);
  if (reading == nullptr) return 0;
  std::string again;
  std::vector<std::pair<std::string, std::string>> fields;
  for (const auto& found : reading->fields()) {
    fields.emplace_back(found.key, found.value.as_text());
    again += fields.back().first + separators.value + picket::fuzz::quote(fields.back().second) + separators.pair;
  }
  const auto* const second = run.read(again);
  picket::fuzz::require(second != nullptr && picket::fuzz::same_fields(*second, fields));
  return 0;
}
