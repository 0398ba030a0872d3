// SPDX-License-Identifier: Apache-2.0
//
// A stream of lines in any pieces gives the lines of the whole; and one that is stopped goes on where it was. The first
// byte says how large the pieces are, the second how often it stops.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "line_buffer.hpp"

namespace {

using picket::pipe_server::LineBuffer;
constexpr std::size_t kLongestLine = 64;

struct Lines {
  std::vector<std::string> lines;
  bool fits = true;
};

Lines split(std::string_view text, std::size_t piece, unsigned stops) {
  Lines result;
  LineBuffer buffer(kLongestLine);
  unsigned count = 0;
  const auto take = [&](std::string_view line) {
    if (stops != 0 && ++count % stops == 0) return LineBuffer::Line::stop;
    result.lines.emplace_back(line);
    return LineBuffer::Line::next;
  };
  while (!text.empty() && result.fits) {
    const std::size_t size = std::min(piece, text.size());
    std::string padded(text.substr(0, size));
    padded.reserve(size + 64);
    result.fits = buffer.feed(padded, take);
    while (result.fits && buffer.stopped()) result.fits = buffer.resume(take);
    text.remove_prefix(size);
  }
  return result;
}

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Lines whole = split(text, std::max<std::size_t>(text.size(), 1), 0);
  const Lines pieces = split(text, data[0] % 40U + 1U, 0);
  const Lines stopped = split(text, data[0] % 40U + 1U, data[1] % 5U == 1 ? 0 : data[1] % 5U);
  require(whole.fits == pieces.fits && whole.fits == stopped.fits);
  require(whole.lines == pieces.lines && whole.lines == stopped.lines);
  for (const std::string& line : pieces.lines) require(line.size() <= kLongestLine);
  return 0;
}
