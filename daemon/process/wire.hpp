// SPDX-License-Identifier: Apache-2.0
//
// The bytes between the daemon and its holder. A stream of frames, each a header of 8 bytes and a payload:
//
//   u32 length of the payload | u8 kind | u8 descriptors | u16 zero       (little-endian, as everything)
//
// `kind` is the index of the alternative in Order or Report, `descriptors` the number of file descriptors that travel
// beside the frame's first byte. A payload is the members in order: numbers of fixed size, texts and lists behind a u32
// count. Members that a longer payload has at its end are skipped, those that a shorter one lacks keep their defaults.
// Both sides run as the same user; the decoder trusts nothing all the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "process/model.hpp"

namespace picket::process {

inline constexpr std::size_t kFrameHeader = 8;
inline constexpr std::uint32_t kMaxFrame = 8U << 20U;  // of a payload; a larger one ends the connection

// Appends a frame.
void encode(const Order& order, unsigned descriptors, std::string& out);
void encode(const Report& report, unsigned descriptors, std::string& out);

// The frame of an Output whose data are `data`, without a copy of them in between.
void encode_output(const Output& output, std::string_view data, std::string& out);

struct FrameHeader {
  std::uint32_t length = 0;
  std::uint8_t kind = 0, descriptors = 0;
};

// REQUIRES: kFrameHeader bytes. Nothing when they are no header of ours.
std::optional<FrameHeader> decode_header(std::string_view bytes);

// Nothing for an unknown kind and for a malformed payload.
std::optional<Order> decode_order(std::uint8_t kind, std::string_view payload);
std::optional<Report> decode_report(std::uint8_t kind, std::string_view payload);

// Cuts a stream of bytes into frames. The connection is over once `broken`.
class FrameCutter {
 public:
  struct Frame {
    FrameHeader header;
    std::string_view payload;  // valid until the next call
  };

  void append(std::string_view bytes) { bytes_.append(bytes); }
  // The next whole frame.
  std::optional<Frame> next();
  bool broken() const { return broken_; }

 private:
  std::string bytes_;
  std::size_t begin_ = 0;  // of what was not taken yet
  bool broken_ = false;
};

}  // namespace picket::process
