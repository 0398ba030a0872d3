// SPDX-License-Identifier: Apache-2.0
//
// Sockets that the service manager has opened for us: LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES of sd_listen_fds(3). Taken
// by main before threads start; handed out to plugins as duplicates (picket.inherited-sockets/1).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace picket::service {

class InheritedSockets {
 public:
  InheritedSockets() = default;

  // Those of this process. The variables are unset, and the sockets are kept from children.
  static InheritedSockets take();

  // A duplicate of the one with this name or, if `name` is empty, that is bound to this path; -1 if there is none.
  // [any]
  std::int64_t duplicate(std::string_view name, std::string_view path) const;
  std::size_t size() const { return sockets_.size(); }

  // What the variables say: the names of the descriptors 3, 4, ... ("unknown" where none is given); nothing when they
  // are not for `process_id`. Pure.
  static std::vector<std::string> names(const std::function<std::optional<std::string>(const std::string&)>& variable,
                                        std::uint32_t process_id);

 private:
  struct Socket {
    int descriptor;
    std::string name;
    std::string path;  // empty: it has none in the file system
  };
  std::vector<Socket> sockets_;
};

}  // namespace picket::service
