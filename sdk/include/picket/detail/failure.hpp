// SPDX-License-Identifier: Apache-2.0
//
// Errors inside a plugin are exceptions or statuses, as its author likes; at the border they are statuses only. `guard`
// is the one place where the former become the latter.
#ifndef PICKET_DETAIL_FAILURE_HPP
#define PICKET_DETAIL_FAILURE_HPP

#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "../base.h"

namespace picket {

// A failure with its status. The message says what failed, where, and what to do.
class Failure : public std::runtime_error {
 public:
  explicit Failure(const std::string &message, picket_status status = PICKET_FAILED)
      : std::runtime_error(message), status_(status < 0 ? status : PICKET_FAILED) {}

  // Always negative.
  [[nodiscard]] picket_status status() const noexcept { return status_; }

 private:
  picket_status status_;
};

namespace detail {

// The longest beginning of `text` of at most `room` bytes that does not end inside a UTF-8 sequence.
[[nodiscard]] inline std::size_t whole_utf8(std::string_view text, std::size_t room) noexcept {
  if (text.size() <= room) return text.size();
  std::size_t end = room;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return end;
}

// Copies `text` into a zero-terminated array, cut if it is too long.
template <std::size_t N>
void copy_text(char (&room)[N], std::string_view text) noexcept {
  const std::size_t length = whole_utf8(text, N - 1);
  std::memcpy(room, text.data(), length);
  std::memset(room + length, 0, N - length);
}

// `error` may be null.
inline void set_error(picket_error *error, picket_status code, std::string_view message) noexcept {
  if (error == nullptr) return;
  error->code = code;
  error->reserved = 0;
  copy_text(error->message, message);
}

// Runs `body` (returning void or a picket_status). An exception becomes its status, and `report(status, message)` hears
// of it; `report` must not throw.
template <typename Report, typename Body>
picket_status guard(const Report &report, Body &&body) noexcept {
  static_assert(std::is_nothrow_invocable_v<const Report &, picket_status, std::string_view>);
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<Body>>) {
      std::forward<Body>(body)();
      return PICKET_OK;
    } else {
      return std::forward<Body>(body)();
    }
  } catch (const Failure &failure) {
    report(failure.status(), failure.what());
    return failure.status();
  } catch (const std::bad_alloc &) {
    report(PICKET_LIMIT, "out of memory");
    return PICKET_LIMIT;
  } catch (const std::exception &exception) {
    report(PICKET_FAILED, exception.what());
  } catch (...) {
    report(PICKET_FAILED, "an exception that is no std::exception");
  }
  return PICKET_FAILED;
}

}  // namespace detail
}  // namespace picket

#endif
