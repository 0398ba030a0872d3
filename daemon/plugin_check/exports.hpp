// SPDX-License-Identifier: Apache-2.0
//
// What a shared library exports, read from its file without loading it: ELF (64 bits, little-endian) and PE. The bytes
// come from outside: nothing in them is believed, and every number is checked before it is used. Pure functions, any
// thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "picket/result.hpp"

namespace picket::plugin_check {

inline constexpr std::size_t kMaxExports = 100'000;     // more are not read
inline constexpr std::size_t kMaxSymbolLength = 4'096;  // bytes; a longer name is an error

// The names in the order of the file. Fails with what is wrong when this is neither kind of file, is cut off, or
// contradicts itself.
Result<std::vector<std::string>> exported_symbols(std::string_view file);

Result<std::vector<std::string>> elf_exports(std::string_view file);
Result<std::vector<std::string>> pe_exports(std::string_view file);

}  // namespace picket::plugin_check
