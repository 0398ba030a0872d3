// SPDX-License-Identifier: Apache-2.0
//
// Taking a table from the other side of the ABI, and handing one over, when the two sides were built from different
// minors. Both sides normalise at the border, so that the code behind it tests only for null. Thread-safe: no state.
#ifndef PICKET_ABI_COPY_HPP
#define PICKET_ABI_COPY_HPP

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace picket {

// The table behind `theirs` as far as its writer knew it, the rest zero; all zero for null. `size` of the copy is the
// number of bytes that both sides know, so PICKET_HAS keeps telling the truth. A size that is no multiple of the
// alignment (no compiler writes such a one) is rounded down, so that no pointer is copied by half.
template <typename T>
[[nodiscard]] T copy_table(const T *theirs) noexcept {
  static_assert(std::is_trivially_copyable_v<T> && std::is_standard_layout_v<T>, "a C table of the ABI");
  static_assert(std::is_same_v<decltype(T::size), std::uint32_t>, "a table that may grow starts with its size");
  T ours;
  std::memset(&ours, 0, sizeof ours);
  if (theirs == nullptr) return ours;
  const std::uint32_t known = std::min<std::uint32_t>(theirs->size, sizeof(T));
  const std::uint32_t whole = known - known % alignof(T);
  if (whole < sizeof(std::uint32_t)) return ours;
  std::memcpy(&ours, theirs, whole);
  ours.size = whole;
  return ours;
}

// Writes `value` into a struct of the other side, whose `size` its owner set to the room it has. Nothing beyond that
// room is touched; afterwards `size` says how much was written. False when there is no room at all.
template <typename T>
bool store_table(T *theirs, const T &value) noexcept {
  static_assert(std::is_trivially_copyable_v<T> && std::is_standard_layout_v<T>, "a C table of the ABI");
  if (theirs == nullptr) return false;
  const std::uint32_t room = std::min<std::uint32_t>(theirs->size, sizeof(T));
  const std::uint32_t whole = room - room % alignof(T);
  if (whole < sizeof(std::uint32_t)) return false;
  std::memcpy(theirs, &value, whole);
  theirs->size = whole;
  return true;
}

}  // namespace picket

#endif
