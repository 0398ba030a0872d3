// SPDX-License-Identifier: Apache-2.0
//
// Names that Windows gives in UTF-16, as UTF-8. Included by *_windows.cpp only, after windows.h.
#pragma once

#include <windows.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace picket::perf_collector {

// `length` units of `text`. Allocates only what `buffer` needs beyond what it had; the view is of `buffer`.
inline std::string_view utf8_of(const wchar_t* text, std::size_t length, std::string& buffer) {
  buffer.resize(length * 3);  // the most that it can take
  if (length == 0) return {};
  const int bytes = WideCharToMultiByte(CP_UTF8, 0, text, static_cast<int>(length), buffer.data(),
                                        static_cast<int>(buffer.size()), nullptr, nullptr);
  buffer.resize(bytes > 0 ? static_cast<std::size_t>(bytes) : 0);
  return buffer;
}

}  // namespace picket::perf_collector
