// SPDX-License-Identifier: Apache-2.0
//
// The small change of the ABI: borrowed text to views and back, tables copied by the size that their writer knew.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "picket/base.h"

namespace picket::plugin_host {

inline std::string_view view(picket_str text) {
  return text.data == nullptr ? std::string_view{} : std::string_view(text.data, text.length);
}

inline picket_str text(std::string_view view) {
  return picket_str_of(view.data(), view.size());
}

// A zeroed local with as much of `theirs` as both sides know, so that code tests only for null. `theirs` may be null.
template <typename Table>
Table copy_table(const Table* theirs) {
  Table ours{};
  if (theirs != nullptr) std::memcpy(&ours, theirs, std::min<std::size_t>(theirs->size, sizeof ours));
  return ours;
}

// Fills an out-struct only as far as its owner's size says; the size itself stays the owner's.
template <typename Struct>
void write_up_to_size(const Struct& full, Struct& theirs) {
  const std::uint32_t size = theirs.size;
  std::memcpy(&theirs, &full, std::min<std::size_t>(size, sizeof full));
  theirs.size = size;
}

// Cuts at the end if the message is too long, never inside a UTF-8 sequence. `error` may be null.
inline void set_error(picket_error* error, picket_status status, std::string_view message) {
  if (error == nullptr) return;
  std::size_t length = std::min(message.size(), sizeof error->message - 1);
  while (length > 0 && length < message.size() && (static_cast<unsigned char>(message[length]) & 0xC0U) == 0x80U) {
    --length;
  }
  error->code = status;
  error->reserved = 0;
  std::memcpy(error->message, message.data(), length);
  error->message[length] = '\0';
}

}  // namespace picket::plugin_host
