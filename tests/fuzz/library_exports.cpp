// SPDX-License-Identifier: Apache-2.0
//
// What a library exports, of any bytes: refused, or names that are in the file.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "plugin_check/exports.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace check = picket::plugin_check;
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  for (const auto& symbols : {check::exported_symbols(file), check::elf_exports(file), check::pe_exports(file)}) {
    if (!symbols) {
      if (symbols.error().message.empty()) std::abort();
      continue;
    }
    if (symbols->size() > check::kMaxExports) std::abort();
    // Bounded, as each search walks the file.
    std::size_t looked_at = 0;
    for (const std::string& symbol : *symbols) {
      if (symbol.size() > check::kMaxSymbolLength) std::abort();
      if (looked_at++ < 16 && file.find(symbol) == std::string_view::npos) std::abort();
    }
  }
  return 0;
}
