// SPDX-License-Identifier: Apache-2.0
//
// Names as the kernel writes them in /proc/self/mountinfo and /proc/swaps: blanks, tabs, ends of lines and backslashes
// come as a backslash and three octal digits (proc(5)). Allocates only what `buffer` needs beyond what it had.
#pragma once

#include <string>
#include <string_view>

namespace picket::perf_collector {

// The name itself: `text`, or a view of `buffer`, which is overwritten if there is anything to undo.
inline std::string_view unescaped(std::string_view text, std::string& buffer) {
  if (text.find('\\') == std::string_view::npos) return text;
  const auto octal = [](char c) { return c >= '0' && c <= '7'; };
  buffer.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() && octal(text[i + 1]) && octal(text[i + 2]) && octal(text[i + 3])) {
      buffer += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
      i += 3;
    } else {
      buffer += text[i];
    }
  }
  return buffer;
}

}  // namespace picket::perf_collector
