// SPDX-License-Identifier: Apache-2.0
//
// State: the durable directory of an instance and small values in it (picket.state/1). [any]
#ifndef PICKET_DETAIL_STATE_HPP
#define PICKET_DETAIL_STATE_HPP

#include <optional>
#include <string>
#include <string_view>

#include "../ext/state.h"
#include "host.hpp"

namespace picket {

// Every function throws Failure with the host's reason.
class State {
 public:
  explicit State(Host host) : self_(host.self()), table_(host.require<picket_state>(PICKET_EXT_STATE)) {}

  // The daemon's state directory, absolute UTF-8: what relative paths in settings are relative to.
  [[nodiscard]] std::string root() const { return std::string(to_view(table_.root(self_))); }

  // This instance's own directory, absolute UTF-8, made at the first call.
  [[nodiscard]] std::string directory() const {
    picket_error error{};
    const std::string_view path = to_view(table_.directory(self_, &error));
    if (path.empty()) throw Failure(error.message, error.code);
    return std::string(path);
  }

  // Durable when it returns. `key`: 1..64 characters of [a-z0-9._-], first a letter; `value`: at most 1 MiB.
  void put(std::string_view key, std::string_view value) const {
    picket_error error{};
    check(table_.put(self_, to_str(key), to_str(value), &error), error);
  }

  [[nodiscard]] std::optional<std::string> get(std::string_view key) const {
    std::string value(256, '\0');
    for (;;) {
      picket_error error{};
      std::uint64_t length = 0;
      const picket_status status = table_.get(self_, to_str(key), value.data(), value.size(), &length, &error);
      if (status == PICKET_NOT_FOUND) return std::nullopt;
      check(status, error);
      // Another thread may have put a longer value meanwhile: ask until it fits.
      const bool whole = length <= value.size();
      value.resize(static_cast<std::size_t>(length));
      if (whole) return value;
    }
  }

  void remove(std::string_view key) const {
    picket_error error{};
    check(table_.remove(self_, to_str(key), &error), error);
  }

 private:
  static void check(picket_status status, const picket_error &error) {
    if (status != PICKET_OK) throw Failure(error.message, status);
  }

  void *self_;
  picket_state table_;
};

inline State Host::state() const { return State(*this); }

}  // namespace picket

#endif
