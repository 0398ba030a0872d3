// SPDX-License-Identifier: Apache-2.0
//
// Output of a program, in pieces whose size the first byte says: whatever it is, lines are valid UTF-8 of bounded
// length, and the size of the pieces makes no difference.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "line_splitter.hpp"

namespace {

using picket::process_supervisor::LineSplitter;

constexpr std::size_t kLineLimit = 64;

std::string split_output(std::string_view text, std::size_t piece) {
  LineSplitter splitter(kLineLimit);
  std::string all;
  const auto keep = [&](std::string_view line, bool cut) {
    // A byte that is no UTF-8 becomes three.
    if (line.empty() || line.size() > 3 * kLineLimit || !picket::process_supervisor::is_clean_utf8(line)) std::abort();
    all.append(line).append(cut ? "+" : "\n");
  };
  for (std::size_t at = 0; at < text.size(); at += piece) splitter.add(text.substr(at, piece), keep);
  if (splitter.rest() > kLineLimit) std::abort();
  splitter.flush(keep);
  if (splitter.rest() != 0) std::abort();
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string whole = split_output(text, text.size() + 1);
  // A carriage return before the end of a line, and a line just at the limit, may be cut elsewhere: only short lines
  // must come out the same.
  const std::string pieces = split_output(text, data[0] % 16U + 1U);
  std::size_t longest = 0, begin = 0;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    if (at < text.size() && text[at] != '\n') continue;
    longest = at - begin > longest ? at - begin : longest;
    begin = at + 1;
  }
  if (longest <= kLineLimit && whole != pieces) std::abort();
  return 0;
}
