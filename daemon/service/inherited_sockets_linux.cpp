// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>

#include "service/inherited_sockets.hpp"

namespace picket::service {
namespace {

constexpr int kFirstInherited = 3;  // SD_LISTEN_FDS_START

// Where a Unix-domain socket is bound in the file system; empty for others.
std::string bound_path(int descriptor) {
  sockaddr_un address{};
  socklen_t length = sizeof address;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) != 0) return {};
  constexpr std::size_t kHeader = offsetof(sockaddr_un, sun_path);
  if (address.sun_family != AF_UNIX || length <= kHeader || address.sun_path[0] == '\0') return {};
  std::string path(address.sun_path, length - kHeader);
  return path.substr(0, path.find('\0'));
}

}  // namespace

InheritedSockets InheritedSockets::take() {
  const auto variable = [](const std::string& name) -> std::optional<std::string> {
    const char* const value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  InheritedSockets taken;
  int descriptor = kFirstInherited;
  for (const std::string& name : names(variable, static_cast<std::uint32_t>(::getpid()))) {
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    taken.sockets_.push_back({descriptor, name, bound_path(descriptor)});
    ++descriptor;
  }
  for (const char* const name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(name);
  return taken;
}

std::int64_t InheritedSockets::duplicate(std::string_view name, std::string_view path) const {
  for (const Socket& socket : sockets_) {
    if (name.empty() ? !path.empty() && socket.path == path : socket.name == name) {
      return ::fcntl(socket.descriptor, F_DUPFD_CLOEXEC, kFirstInherited);
    }
  }
  return -1;
}

}  // namespace picket::service
