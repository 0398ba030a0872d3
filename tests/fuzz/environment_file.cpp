// SPDX-License-Identifier: Apache-2.0
//
// Any text as a file of environment variables: what is read, written down with quotes, is read to the same variables.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "environment_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = picket::process_supervisor::parse_environment(text, "f");
  if (!parsed) {
    if (!parsed.error().message.starts_with("f:")) std::abort();
    return 0;
  }
  std::string written;
  for (const auto& [name, value] : *parsed) {
    written += name + "=\"";
    for (const char c : value) {
      if (c == '\n') {
        written += "\\n";
      } else {
        if (c == '\\' || c == '"' || c == '$') written += '\\';
        written += c;
      }
    }
    written += "\"\n";
  }
  const auto again = picket::process_supervisor::parse_environment(written, "g");
  if (!again || *again != *parsed) std::abort();
  return 0;
}
