// SPDX-License-Identifier: Apache-2.0
//
// Result<T>: a value or an error with a message that says what failed, where, and what to do. Used at module edges of
// the daemon and free for plugins; it never crosses the ABI.
#ifndef PICKET_RESULT_HPP
#define PICKET_RESULT_HPP

#include <string>
#include <utility>
#include <variant>

#include "base.h"

namespace picket {

// The analyzer does not see into the variant below, and takes errors for values that nobody has set.
struct Error {  // NOLINT(clang-analyzer-core.uninitialized.Assign)
  std::string message;
  picket_status status = PICKET_FAILED;  // the nearest code of base.h, always negative
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // REQUIRES: ok()
  T &value() & { return std::get<0>(state_); }
  const T &value() const & { return std::get<0>(state_); }
  T &&value() && { return std::get<0>(std::move(state_)); }
  T &operator*() & { return value(); }
  const T &operator*() const & { return value(); }
  T &&operator*() && { return std::move(*this).value(); }
  T *operator->() { return &value(); }
  const T *operator->() const { return &value(); }

  // REQUIRES: !ok()
  const Error &error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), ok_(false) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return ok_; }
  explicit operator bool() const { return ok_; }
  const Error &error() const { return error_; }

 private:
  Error error_;
  bool ok_ = true;
};

}  // namespace picket

#endif
