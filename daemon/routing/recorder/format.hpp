// SPDX-License-Identifier: Apache-2.0
//
// The bytes of a crash record, as FORMAT.md describes them: shared by its writer and its reader, for nobody else.
#pragma once

#include <cstdint>

namespace picket::routing::record_format {

inline constexpr char kMagic[8] = {'P', 'K', 'T', 'R', 'E', 'C', '\r', '\n'};
inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::uint32_t kByteOrder = 0x01020304;

struct Head {
  char magic[8];
  std::uint32_t version;
  std::uint32_t byte_order;
  std::int64_t wall_ns;
  std::uint64_t address;
  std::uint32_t process;
  std::uint32_t thread;
  std::uint32_t signal;
  std::uint32_t code;
  std::uint64_t left_out;
};
static_assert(sizeof(Head) == 56);

enum Tag : std::uint32_t { kNames = 1, kLines = 2, kDecisions = 3, kBatch = 4, kEnd = 5 };

struct Section {
  std::uint32_t mark;  // kMark: a reader that is lost sees it
  std::uint32_t tag;
  std::uint64_t length;  // bytes that follow
};
static_assert(sizeof(Section) == 16);
inline constexpr std::uint32_t kMark = 0x43455350;  // "PSEC"

struct BatchHead {
  std::uint64_t serial;
  std::uint32_t events;
  std::uint32_t fields;
  std::uint32_t bytes;
  std::uint32_t reserved;
};
static_assert(sizeof(BatchHead) == 24);

struct LineHead {
  std::uint32_t length;
  std::uint32_t reserved;
  std::uint64_t serial;
};
static_assert(sizeof(LineHead) == 16);

}  // namespace picket::routing::record_format
