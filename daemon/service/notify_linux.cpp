// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <system_error>

#include "service/notify.hpp"

namespace picket::service {
namespace {

class DatagramSocket final : public NotifySocket {
 public:
  DatagramSocket(int file, const sockaddr_un& address, socklen_t length, std::string name)
      : file_(file), address_(address), length_(length), name_(std::move(name)) {}
  DatagramSocket(const DatagramSocket&) = delete;
  DatagramSocket& operator=(const DatagramSocket&) = delete;
  ~DatagramSocket() override { close(file_); }

  // Not connected beforehand: systemd may be restarted and bind its socket again.
  Result<void> send(std::string_view datagram) override {
    ssize_t sent = 0;
    do {
      sent = sendto(file_, datagram.data(), datagram.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address_),
                    length_);
    } while (sent < 0 && errno == EINTR);
    if (sent >= 0) return {};
    return Error{"cannot notify the service manager at " + name_ + ": " + std::generic_category().message(errno)};
  }

 private:
  const int file_;
  const sockaddr_un address_;
  const socklen_t length_;
  const std::string name_;
};

}  // namespace

Result<std::unique_ptr<NotifySocket>> NotifySocket::open(const std::string& address) {
  sockaddr_un target{};
  target.sun_family = AF_UNIX;
  const bool abstract = !address.empty() && address.front() == '@';
  if (!abstract && (address.empty() || address.front() != '/')) {
    return Error{"NOTIFY_SOCKET=" + address + " is neither an absolute path nor an @abstract name", PICKET_INVALID};
  }
  // A path needs its final zero, an abstract name has none (unix(7)).
  if (address.size() + (abstract ? 0 : 1) > sizeof target.sun_path) {
    return Error{"NOTIFY_SOCKET=" + address + " is too long for a socket", PICKET_INVALID};
  }
  std::memcpy(target.sun_path, address.data(), address.size());
  if (abstract) target.sun_path[0] = '\0';
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size() + (abstract ? 0 : 1));
  const int file = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (file < 0) return Error{"cannot make a socket: " + std::generic_category().message(errno)};
  // A manager that hangs must not hang us for long; READY is worth some patience.
  const timeval patience{.tv_sec = 5, .tv_usec = 0};
  setsockopt(file, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  return std::unique_ptr<NotifySocket>(new DatagramSocket(file, target, length, address));
}

}  // namespace picket::service
