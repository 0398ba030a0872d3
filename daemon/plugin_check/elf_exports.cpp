// SPDX-License-Identifier: Apache-2.0
//
// The dynamic symbol table by way of the section headers: System V ABI, "Object Files".
#include "plugin_check/file_bytes.hpp"

namespace picket::plugin_check {
namespace {

// Layouts of ELF64, as the ABI writes them.
struct ElfHeader {
  unsigned char identity[16];
  std::uint16_t type, machine;
  std::uint32_t version;
  std::uint64_t entry, program_headers, section_headers;
  std::uint32_t flags;
  std::uint16_t header_size, program_header_size, program_header_count;
  std::uint16_t section_header_size, section_header_count, section_names;
};
struct ElfSection {
  std::uint32_t name, type;
  std::uint64_t flags, address, offset, size;
  std::uint32_t link, info;
  std::uint64_t alignment, entry_size;
};
struct ElfSymbol {
  std::uint32_t name;
  unsigned char info, other;
  std::uint16_t section;
  std::uint64_t value, size;
};
static_assert(sizeof(ElfHeader) == 64 && sizeof(ElfSection) == 64 && sizeof(ElfSymbol) == 24);

constexpr std::uint16_t kSharedObject = 3;     // ET_DYN
constexpr std::uint32_t kDynamicSymbols = 11;  // SHT_DYNSYM
constexpr unsigned kLocal = 0;                 // STB_LOCAL
constexpr unsigned kInternal = 1;              // STV_INTERNAL
constexpr unsigned kHidden = 2;                // STV_HIDDEN

Error elf_problem(const std::string& what) {
  return {"the ELF file " + what, PICKET_INVALID};
}

std::optional<ElfSection> section_at(std::string_view file, const ElfHeader& header, std::uint64_t index) {
  if (index >= header.section_header_count) return std::nullopt;
  const std::uint64_t into = index * sizeof(ElfSection);
  if (header.section_headers > UINT64_MAX - into) return std::nullopt;
  return number_at<ElfSection>(file, header.section_headers + into);
}

bool is_exported(const ElfSymbol& symbol) {
  const unsigned visibility = symbol.other & 3U;
  return symbol.section != 0 && symbol.info >> 4U != kLocal && visibility != kInternal && visibility != kHidden;
}

}  // namespace

Result<std::vector<std::string>> elf_exports(std::string_view file) {
  const auto header = number_at<ElfHeader>(file, 0);
  if (!header) return elf_problem("is cut off in its header");
  if (header->identity[4] != 2 || header->identity[5] != 1) return elf_problem("is not of 64 bits and little-endian");
  if (header->type != kSharedObject) return elf_problem("is no shared library");
  if (header->section_header_count != 0 && header->section_header_size != sizeof(ElfSection)) {
    return elf_problem("has section headers of an unknown size");
  }
  for (std::uint64_t i = 0; i < header->section_header_count; ++i) {
    const auto section = section_at(file, *header, i);
    if (!section) return elf_problem("is cut off in its section headers");
    if (section->type != kDynamicSymbols) continue;
    const auto texts = section_at(file, *header, section->link);
    const auto names = texts ? part_of(file, texts->offset, texts->size) : std::nullopt;
    const auto symbols = part_of(file, section->offset, section->size);
    if (!names || !symbols) return elf_problem("is cut off in its dynamic symbols");
    if (symbols->size() / sizeof(ElfSymbol) > kMaxExports) return elf_problem("has too many dynamic symbols");
    std::vector<std::string> found;
    for (std::uint64_t at = 0; at + sizeof(ElfSymbol) <= symbols->size(); at += sizeof(ElfSymbol)) {
      const auto symbol = number_at<ElfSymbol>(*symbols, at);
      if (!symbol || !is_exported(*symbol)) continue;
      auto name = text_at(*names, symbol->name);
      if (!name) return elf_problem("has a dynamic symbol whose name is not there");
      if (!name->empty()) found.push_back(std::move(*name));
    }
    return found;
  }
  return elf_problem("has no dynamic symbols that could be read; was it stripped of its section headers?");
}

}  // namespace picket::plugin_check
