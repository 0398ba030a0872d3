// SPDX-License-Identifier: Apache-2.0
//
// UTF-8 to UTF-16 and back, and the text of a Windows error code. Included by *_windows.cpp files only.
#pragma once

#include <string>
#include <string_view>

namespace picket::platform {

// Invalid sequences become U+FFFD.
std::wstring to_wide(std::string_view text);
std::string to_utf8(std::wstring_view text);

// "Access is denied (error 5)". Without a trailing newline.
std::string error_text(unsigned long code);
// Of GetLastError(); call it before anything that could change that.
std::string last_error_text();

}  // namespace picket::platform
