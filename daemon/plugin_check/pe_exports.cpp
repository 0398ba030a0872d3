// SPDX-License-Identifier: Apache-2.0
//
// The export directory: "PE Format" of the Windows documentation.
#include "plugin_check/file_bytes.hpp"

namespace picket::plugin_check {
namespace {

constexpr std::uint16_t kPe32 = 0x10B;
constexpr std::uint16_t kPe32Plus = 0x20B;
constexpr std::uint16_t kIsLibrary = 0x2000;  // IMAGE_FILE_DLL
constexpr std::uint64_t kMaxSections = 96;    // the loader's own limit

Error pe_problem(const std::string& what) {
  return {"the PE file " + what, PICKET_INVALID};
}

// Where things are in the file whose addresses in memory are known.
struct PeImage {
  std::string_view file;
  std::uint64_t sections = 0;  // offset of the table
  std::uint64_t section_count = 0;

  std::optional<std::uint64_t> offset_of(std::uint32_t address) const {
    for (std::uint64_t i = 0; i < section_count; ++i) {
      const std::uint64_t entry = sections + i * 40;
      const auto begin = number_at<std::uint32_t>(file, entry + 12);
      const auto size = number_at<std::uint32_t>(file, entry + 16);  // in the file
      const auto offset = number_at<std::uint32_t>(file, entry + 20);
      if (!begin || !size || !offset) return std::nullopt;
      if (address >= *begin && address - *begin < *size) return std::uint64_t{*offset} + (address - *begin);
    }
    return std::nullopt;
  }
};

}  // namespace

Result<std::vector<std::string>> pe_exports(std::string_view file) {
  const auto start = number_at<std::uint32_t>(file, 0x3C);
  const auto signature = start ? number_at<std::uint32_t>(file, *start) : std::nullopt;
  if (!signature || *signature != 0x00004550) return pe_problem("has no PE header");
  const std::uint64_t header = std::uint64_t{*start} + 4;
  const auto sections = number_at<std::uint16_t>(file, header + 2);
  const auto optional_size = number_at<std::uint16_t>(file, header + 16);
  const auto flags = number_at<std::uint16_t>(file, header + 18);
  const auto magic = number_at<std::uint16_t>(file, header + 20);
  if (!sections || !optional_size || !flags || !magic) return pe_problem("is cut off in its header");
  if ((*flags & kIsLibrary) == 0) return pe_problem("is no library");
  if (*magic != kPe32 && *magic != kPe32Plus) return pe_problem("is of an unknown kind");
  if (*sections > kMaxSections) return pe_problem("has too many sections");
  const PeImage image{file, header + 20 + *optional_size, *sections};
  const std::uint64_t directories = header + 20 + (*magic == kPe32 ? 92U : 108U);
  const auto count = number_at<std::uint32_t>(file, directories);
  const auto address = number_at<std::uint32_t>(file, directories + 4);
  if (!count || !address) return pe_problem("is cut off in its header");
  std::vector<std::string> found;
  if (*count == 0 || *address == 0) return found;  // exports nothing
  const auto table = image.offset_of(*address);
  const auto names = table ? number_at<std::uint32_t>(file, *table + 24) : std::nullopt;
  const auto names_address = table ? number_at<std::uint32_t>(file, *table + 32) : std::nullopt;
  if (!names || !names_address) return pe_problem("has an export directory that is not there");
  if (*names > kMaxExports) return pe_problem("has too many exports");
  if (*names == 0) return found;
  const auto list = image.offset_of(*names_address);
  if (!list) return pe_problem("has a list of names that is not there");
  for (std::uint64_t i = 0; i < *names; ++i) {
    const auto name_address = number_at<std::uint32_t>(file, *list + i * 4);
    const auto offset = name_address ? image.offset_of(*name_address) : std::nullopt;
    auto name = offset ? text_at(file, *offset) : std::nullopt;
    if (!name) return pe_problem("has an export whose name is not there");
    found.push_back(std::move(*name));
  }
  return found;
}

Result<std::vector<std::string>> exported_symbols(std::string_view file) {
  if (file.starts_with("\x7f"
                       "ELF")) {
    return elf_exports(file);
  }
  if (file.starts_with("MZ")) return pe_exports(file);
  return Error{"it is neither an ELF nor a PE file", PICKET_INVALID};
}

}  // namespace picket::plugin_check
