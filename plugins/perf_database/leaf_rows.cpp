// SPDX-License-Identifier: Apache-2.0
#include "leaf_rows.hpp"

#include <bit>
#include <fstream>
#include <optional>

namespace picket::perf_database {
namespace {

constexpr std::uint8_t kTableLeaf = 0x0D;
constexpr std::uint64_t kMaxPayload = 64U << 20U;  // bytes of one row; no chunk comes near
constexpr std::size_t kMaxColumns = 32;

std::uint64_t big_endian(ByteView bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8U | byte;
  return value;
}

// SQLite's varint: seven bits a byte, highest first, and the ninth byte whole. Nothing past the end.
std::optional<std::uint64_t> sqlite_varint(ByteView& in) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 9 && i < in.size(); ++i) {
    if (i == 8) {
      value = value << 8U | in[8];
      in = in.subspan(9);
      return value;
    }
    value = value << 7U | (in[i] & 0x7FU);
    if ((in[i] & 0x80U) == 0) {
      in = in.subspan(i + 1);
      return value;
    }
  }
  return std::nullopt;
}

// Bytes of a value by its serial type; nothing for those that are reserved.
std::optional<std::uint64_t> size_of(std::uint64_t type) {
  constexpr std::uint64_t kSizes[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0};
  if (type < std::size(kSizes)) return kSizes[type];
  if (type < 12) return std::nullopt;
  return (type - 12) / 2;
}

LeafValue value_of(std::uint64_t type, ByteView bytes) {
  if (type == 0) return {};
  if (type == 7) return std::bit_cast<double>(big_endian(bytes));
  if (type == 8 || type == 9) return static_cast<std::int64_t>(type - 8);
  if (type >= 12 && type % 2 == 0) return Bytes(bytes.begin(), bytes.end());
  if (type >= 12) return std::string(bytes.begin(), bytes.end());
  const std::uint64_t raw = big_endian(bytes);
  const auto shift = static_cast<unsigned>(64 - 8 * bytes.size());
  return static_cast<std::int64_t>(raw << shift) >> shift;
}

std::optional<std::vector<LeafValue>> take_apart(ByteView record) {
  ByteView header = record;
  const auto header_size = sqlite_varint(header);
  if (!header_size || *header_size > record.size()) return std::nullopt;
  const std::size_t length_of_size = record.size() - header.size();
  if (*header_size < length_of_size) return std::nullopt;
  header = header.first(*header_size - length_of_size);
  ByteView body = record.subspan(*header_size);
  std::vector<LeafValue> columns;
  while (!header.empty()) {
    const auto type = sqlite_varint(header);
    const auto size = type ? size_of(*type) : std::nullopt;
    if (!size || *size > body.size() || columns.size() == kMaxColumns) return std::nullopt;
    columns.push_back(value_of(*type, body.first(*size)));
    body = body.subspan(*size);
  }
  return columns;
}

class Pages {
 public:
  Pages(const std::filesystem::path& file, std::uint32_t page_size)
      : in_(file, std::ios::binary), page_size_(page_size), count_(std::filesystem::file_size(file) / page_size) {}

  std::uint64_t count() const { return count_; }
  // Pages count from 1. False at a place that cannot be read.
  bool read(std::uint64_t number, Bytes& page) {
    if (number == 0 || number > count_) return false;
    page.resize(page_size_);
    in_.clear();
    in_.seekg(static_cast<std::streamoff>((number - 1) * page_size_));
    in_.read(reinterpret_cast<char*>(page.data()), page_size_);
    return in_.gcount() == static_cast<std::streamsize>(page_size_);
  }

  // The whole payload of a cell: what lies on the page, and the chain of overflow pages.
  std::optional<Bytes> payload(ByteView cell, std::uint64_t size) {
    const std::uint64_t most = page_size_ - 35;
    const std::uint64_t least = (page_size_ - 12) * std::uint64_t{32} / 255 - 23;
    const std::uint64_t fitting = least + (size - least) % (page_size_ - 4);
    const std::uint64_t local = size <= most ? size : fitting <= most ? fitting : least;
    if (size > kMaxPayload || cell.size() < local + (local < size ? 4 : 0)) return std::nullopt;
    Bytes whole(cell.begin(), cell.begin() + static_cast<std::ptrdiff_t>(local));
    std::uint64_t next = local < size ? big_endian(cell.subspan(local, 4)) : 0;
    Bytes page;
    while (whole.size() < size) {
      if (!read(next, page)) return std::nullopt;
      next = big_endian(ByteView(page).first(4));
      const std::uint64_t some = std::min<std::uint64_t>(size - whole.size(), page_size_ - 4);
      whole.insert(whole.end(), page.begin() + 4, page.begin() + 4 + static_cast<std::ptrdiff_t>(some));
    }
    return whole;
  }

 private:
  std::ifstream in_;
  const std::uint32_t page_size_;
  const std::uint64_t count_;
};

}  // namespace

void each_leaf_row(const std::filesystem::path& file, std::uint32_t page_size,
                   const std::function<void(const LeafRow&)>& fn) {
  Pages pages(file, page_size);
  Bytes page;
  for (std::uint64_t number = 1; number <= pages.count(); ++number) {
    if (!pages.read(number, page)) continue;
    const std::size_t header = number == 1 ? 100 : 0;  // the file's own lies before it
    if (page[header] != kTableLeaf) continue;
    const auto cells = big_endian(ByteView(page).subspan(header + 3, 2));
    for (std::uint64_t i = 0; i < cells; ++i) {
      const std::size_t pointer = header + 8 + 2 * i;
      if (pointer + 2 > page.size()) break;
      const auto at = big_endian(ByteView(page).subspan(pointer, 2));
      if (at < pointer || at >= page.size()) continue;
      ByteView cell = ByteView(page).subspan(at);
      const auto size = sqlite_varint(cell);
      const auto rowid = size ? sqlite_varint(cell) : std::nullopt;
      if (!rowid) continue;
      const auto payload = pages.payload(cell, *size);
      auto columns = payload ? take_apart(*payload) : std::nullopt;
      if (columns) fn({static_cast<std::int64_t>(*rowid), std::move(*columns)});
    }
  }
}

}  // namespace picket::perf_database
