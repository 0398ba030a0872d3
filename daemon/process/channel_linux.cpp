// SPDX-License-Identifier: Apache-2.0
#include "process/channel_linux.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace picket::process {
namespace {

constexpr std::size_t kMostDescriptors = 253;  // SCM_MAX_FD
constexpr std::size_t kChunk = 256U << 10U;    // frames are gathered up to that
constexpr std::size_t kReceive = 256U << 10U;
constexpr int kSocketBuffer = 1 << 20;

union ControlBuffer {
  cmsghdr align;
  char bytes[CMSG_SPACE(sizeof(int) * kMostDescriptors)];
};

void enlarge(int socket) {
  // Beyond the system's bound only with a privilege; smaller buffers only make it slower.
  if (setsockopt(socket, SOL_SOCKET, SO_SNDBUFFORCE, &kSocketBuffer, sizeof kSocketBuffer) != 0) {
    setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &kSocketBuffer, sizeof kSocketBuffer);
  }
}

// `directory`/`name`, or by the open directory `opened` when that is too long.
bool make_address(const std::string& directory, const char* name, int opened, sockaddr_un& address) {
  address = {};
  address.sun_family = AF_UNIX;
  std::string path = directory + "/" + name;
  if (path.size() >= sizeof address.sun_path) path = "/proc/self/fd/" + std::to_string(opened) + "/" + name;
  if (path.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return true;
}

template <typename Use>
int with_address(const std::string& directory, const char* name, const Use& use) {
  const Descriptor opened(open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!opened) return -1;
  Descriptor made(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  if (!made) return -1;
  if (!make_address(directory, name, opened.get(), address)) {
    errno = ENAMETOOLONG;
    return -1;
  }
  enlarge(made.get());
  if (!use(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address)) return -1;
  return made.release();
}

}  // namespace

void Descriptor::reset(int number) {
  if (number_ >= 0) {
    const int error = errno;
    close(number_);
    errno = error;
  }
  number_ = number;
}

std::string& Channel::room(std::vector<Descriptor> descriptors) {
  const bool joins = !out_.empty() && descriptors.empty() && out_.back().bytes.size() < kChunk;
  if (!joins) out_.push_back({{}, 0, std::move(descriptors)});
  return out_.back().bytes;
}

std::size_t Channel::unsent() const {
  std::size_t sum = 0;
  for (const Chunk& chunk : out_) sum += chunk.bytes.size() - chunk.sent;
  return sum;
}

bool Channel::flush() {
  while (!out_.empty()) {
    Chunk& chunk = out_.front();
    iovec part{chunk.bytes.data() + chunk.sent, chunk.bytes.size() - chunk.sent};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    ControlBuffer control{};
    if (!chunk.descriptors.empty()) {
      std::vector<int> numbers;
      for (const Descriptor& descriptor : chunk.descriptors) numbers.push_back(descriptor.get());
      message.msg_control = control.bytes;
      message.msg_controllen = CMSG_SPACE(sizeof(int) * numbers.size());
      cmsghdr* const header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN(sizeof(int) * numbers.size());
      std::memcpy(CMSG_DATA(header), numbers.data(), sizeof(int) * numbers.size());
    }
    const ssize_t sent = sendmsg(socket_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS;
    }
    chunk.descriptors.clear();
    chunk.sent += static_cast<std::size_t>(sent);
    if (chunk.sent == chunk.bytes.size()) out_.pop_front();
  }
  return true;
}

bool Channel::receive() {
  buffer_.resize(kReceive);
  iovec part{buffer_.data(), buffer_.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  ControlBuffer control{};
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof control.bytes;
  const ssize_t got = recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (got < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int number = -1;
      std::memcpy(&number, CMSG_DATA(header) + i * sizeof(int), sizeof number);
      came_.emplace_back(number);
    }
  }
  if (got == 0) return false;
  cutter_.append(std::string_view(buffer_.data(), static_cast<std::size_t>(got)));
  return true;
}

bool Channel::next(Frame& frame) {
  const auto cut = cutter_.next();
  if (!cut) return false;
  if (cut->header.descriptors > came_.size()) {
    is_short_ = true;
    return false;
  }
  frame.kind = cut->header.kind;
  frame.payload = cut->payload;
  frame.descriptors.clear();
  for (std::uint8_t i = 0; i < cut->header.descriptors; ++i) {
    frame.descriptors.push_back(std::move(came_.front()));
    came_.pop_front();
  }
  return true;
}

int connect_to(const std::string& directory, const char* name) {
  return with_address(directory, name, [](int socket, const sockaddr* address, socklen_t size) {
    return connect(socket, address, size) == 0;
  });
}

int listen_at(const std::string& directory, const char* name) {
  unlink((directory + "/" + name).c_str());
  return with_address(directory, name, [](int socket, const sockaddr* address, socklen_t size) {
    const mode_t before = umask(0177);
    const bool bound = bind(socket, address, size) == 0;
    umask(before);
    return bound && listen(socket, 8) == 0;
  });
}

Peer peer_of(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return {};
  return {static_cast<std::int64_t>(peer.uid), static_cast<std::int64_t>(peer.pid)};
}

}  // namespace picket::process
