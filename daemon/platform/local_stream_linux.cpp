// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <system_error>

#include "platform/clock.hpp"
#include "platform/local_stream.hpp"
#include "platform/paths.hpp"

namespace picket::platform {
namespace {

Error socket_error(const std::string& what, int number) {
  picket_status status = PICKET_FAILED;
  if (number == ENOENT || number == ECONNREFUSED || number == EPIPE || number == ECONNRESET) status = PICKET_NOT_FOUND;
  if (number == EACCES || number == EPERM) status = PICKET_DENIED;
  if (number == EAGAIN) status = PICKET_TIMEOUT;  // the queue of connections is full
  return {what + ": " + std::generic_category().message(number), status};
}

class UnixStream final : public LocalStream {
 public:
  explicit UnixStream(int file) : file_(file) {}
  UnixStream(const UnixStream&) = delete;
  UnixStream& operator=(const UnixStream&) = delete;
  ~UnixStream() override { close(file_); }

  Result<void> write(std::string_view data, std::int64_t timeout_ns) override {
    while (!data.empty()) {
      const ssize_t sent = send(file_, data.data(), data.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent >= 0) {
        data.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno == EAGAIN) {
        if (auto ready = wait(POLLOUT, timeout_ns); !ready.ok()) return ready;
      } else if (errno != EINTR) {
        return socket_error("cannot write", errno);
      }
    }
    return {};
  }

  Result<std::size_t> read(std::span<char> buffer, std::int64_t timeout_ns) override {
    for (;;) {
      const ssize_t count = recv(file_, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno == ECONNRESET) return std::size_t{0};
      if (errno == EAGAIN) {
        if (const auto ready = wait(POLLIN, timeout_ns); !ready.ok()) return ready.error();
      } else if (errno != EINTR) {
        return socket_error("cannot read", errno);
      }
    }
  }

 private:
  Result<void> wait(short events, std::int64_t timeout_ns) const {
    constexpr std::int64_t kMillion = 1'000'000;
    const std::int64_t due = timeout_ns < 0 ? INT64_MAX : system_clock().monotonic_ns() + timeout_ns;
    for (;;) {
      int patience = -1;
      if (timeout_ns >= 0) {
        const std::int64_t left = std::max<std::int64_t>(due - system_clock().monotonic_ns(), 0);
        patience = static_cast<int>(std::min<std::int64_t>((left + kMillion - 1) / kMillion, INT_MAX));
      }
      pollfd one{file_, events, 0};
      const int count = poll(&one, 1, patience);
      if (count > 0) return {};
      if (count == 0) return Error{"nothing happened in time", PICKET_TIMEOUT};
      if (errno != EINTR) return socket_error("cannot wait", errno);
    }
  }

  const int file_;
};

}  // namespace

std::string LocalStream::default_address() {
  return (default_paths().runtime_dir / "picket.sock").string();
}

Result<std::unique_ptr<LocalStream>> LocalStream::connect(const std::string& address, std::int64_t timeout_ns) {
  sockaddr_un target{};
  target.sun_family = AF_UNIX;
  if (address.empty() || address.size() >= sizeof target.sun_path) {
    return Error{"the path is empty or longer than " + std::to_string(sizeof target.sun_path - 1) + " bytes",
                 PICKET_INVALID};
  }
  std::memcpy(target.sun_path, address.data(), address.size());
  const int file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (file < 0) return socket_error("cannot make a socket", errno);
  auto stream = std::make_unique<UnixStream>(file);
  // A blocking connect waits while the server's queue is full, for as long as the send timeout says.
  const timeval patience{.tv_sec = static_cast<time_t>(timeout_ns / 1'000'000'000),
                         .tv_usec = static_cast<suseconds_t>(timeout_ns % 1'000'000'000 / 1'000)};
  setsockopt(file, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  int answer = 0;
  do {
    answer = ::connect(file, reinterpret_cast<const sockaddr*>(&target), sizeof target);
  } while (answer != 0 && errno == EINTR);
  if (answer != 0) return socket_error("cannot connect", errno);
  return std::unique_ptr<LocalStream>(std::move(stream));
}

}  // namespace picket::platform
