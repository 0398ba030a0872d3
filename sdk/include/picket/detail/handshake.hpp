// SPDX-License-Identifier: Apache-2.0
//
// The handshake at create: is this daemon one that the plugin can live in? When not, the message says what is needed,
// what is there, and which side to update.
#ifndef PICKET_DETAIL_HANDSHAKE_HPP
#define PICKET_DETAIL_HANDSHAKE_HPP

#include <cstdint>
#include <string>

#include "../host.h"
#include "failure.hpp"

namespace picket::detail {

// The least ABI minor that a plugin class can live with: its kMinHostMinor, 0 when it has none.
template <typename Class>
constexpr std::uint16_t min_host_minor() {
  if constexpr (requires { Class::kMinHostMinor; }) {
    return Class::kMinHostMinor;
  } else {
    return 0;
  }
}

inline std::string version_text(unsigned major, unsigned minor) {
  return std::to_string(major) + "." + std::to_string(minor);
}

// Everything that picket_host had in ABI 1.0. What later minors append is optional, so it is not in this list.
inline bool has_core_of_1_0(const picket_host &host) noexcept {
  return PICKET_HAS(&host, extension) && host.log_enabled != nullptr && host.log != nullptr && host.intern != nullptr &&
         host.text != nullptr && host.batch_new != nullptr && host.batch_retain != nullptr &&
         host.batch_release != nullptr && host.emit != nullptr && host.done != nullptr &&
         host.monotonic_ns != nullptr && host.wall_ns != nullptr && host.schedule != nullptr &&
         host.cancel != nullptr && host.describe_metric != nullptr && host.metric != nullptr &&
         host.register_counter != nullptr && host.counter_add != nullptr && host.counter_set != nullptr &&
         host.extension != nullptr;
}

// Throws Failure (UNSUPPORTED).
inline void check_host(const picket_host &host, std::uint16_t min_minor) {
  const std::string has = "this daemon has " + version_text(host.abi_major, host.abi_minor);
  if (host.abi_major != PICKET_ABI_MAJOR) {
    throw Failure("the plugin needs plugin ABI " + version_text(PICKET_ABI_MAJOR, min_minor) + " and " + has +
                      ": install the plugin's build for this major version of Picket",
                  PICKET_UNSUPPORTED);
  }
  if (host.abi_minor < min_minor) {
    throw Failure("the plugin needs plugin ABI " + version_text(PICKET_ABI_MAJOR, min_minor) + " or later and " + has +
                      ": update Picket, or install an older version of the plugin",
                  PICKET_UNSUPPORTED);
  }
  if (!has_core_of_1_0(host)) {
    throw Failure("the daemon's table lacks functions that plugin ABI 1.0 has, though " + has + ": update Picket",
                  PICKET_UNSUPPORTED);
  }
}

}  // namespace picket::detail

#endif
