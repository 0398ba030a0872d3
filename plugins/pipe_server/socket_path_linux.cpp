// SPDX-License-Identifier: Apache-2.0
#include "socket_path_linux.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "peer.hpp"

namespace picket::pipe_server {
namespace {

// Longer names do not fit into the system's address. ".new" is behind it for a moment.
constexpr std::size_t kLongestPath = sizeof(sockaddr_un{}.sun_path) - 1 - 4;

[[noreturn]] void no_socket(const std::string& path, const std::string& what, picket_status status = PICKET_FAILED) {
  throw Failure("cannot listen at " + path + ": " + what, status);
}
[[noreturn]] void no_socket_errno(const std::string& path, const std::string& step, int error) {
  no_socket(path, step + ": " + std::strerror(error),
            error == EACCES || error == EPERM || error == EROFS ? PICKET_DENIED : PICKET_FAILED);
}

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

// Whether a program answers at the socket `path`.
bool is_alive(const std::string& path, Kind kind) {
  const Descriptor probe(::socket(AF_UNIX, socket_type(kind) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!probe) return true;  // unknown: so it is not taken
  const sockaddr_un address = address_of(path);
  if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return true;
  return errno != ECONNREFUSED && errno != ENOENT;  // EAGAIN: its backlog is full; EPROTOTYPE: of another kind; EACCES
}

}  // namespace

int socket_type(Kind kind) {
  switch (kind) {
    case Kind::stream:
      return SOCK_STREAM;
    case Kind::seqpacket:
      return SOCK_SEQPACKET;
    case Kind::datagram:
      return SOCK_DGRAM;
  }
  return SOCK_STREAM;
}

SocketPath::SocketPath(const Descriptor& socket, const ListenerSettings& settings, int backlog)
    : settings_(settings), beside_(settings.path + ".new"), lock_path_(settings.path + ".lock") {
  const std::string& path = settings_.path;
  if (path.size() > kLongestPath) {
    no_socket(path, "the path is longer than " + std::to_string(kLongestPath) + " bytes, the system's limit",
              PICKET_LIMIT);
  }
  std::error_code error;
  const auto directory = std::filesystem::path(path).parent_path();
  if (!directory.empty()) std::filesystem::create_directories(directory, error);
  if (error) no_socket_errno(path, "making " + directory.string(), error.value());
  lock();
  try {
    check_place();
    bind_beside(socket);
    set_owner_and_mode();
    if (backlog > 0 && ::listen(socket.get(), backlog) != 0) no_socket_errno(path, "listen", errno);
    if (std::rename(beside_.c_str(), path.c_str()) != 0) no_socket_errno(path, "rename from " + beside_, errno);
  } catch (...) {
    ::unlink(beside_.c_str());
    ::unlink(lock_path_.c_str());
    throw;
  }
}

SocketPath::~SocketPath() {
  struct stat found {};
  if (::lstat(settings_.path.c_str(), &found) == 0 && found.st_ino == inode_ && found.st_dev == device_) {
    ::unlink(settings_.path.c_str());
  }
  ::unlink(lock_path_.c_str());
}

void SocketPath::lock() {
  // The file that is locked may just have been removed by who held it: then its name leads elsewhere, and once more.
  for (int attempt = 0; attempt < 100; ++attempt) {
    lock_ = Descriptor(::open(lock_path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock_) no_socket_errno(settings_.path, "opening " + lock_path_, errno);
    if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
      no_socket(settings_.path, "another instance or daemon has it (it holds " + lock_path_ + ")", PICKET_BUSY);
    }
    struct stat locked {};
    struct stat named {};
    if (::fstat(lock_.get(), &locked) == 0 && ::stat(lock_path_.c_str(), &named) == 0 &&
        locked.st_ino == named.st_ino && locked.st_dev == named.st_dev) {
      return;
    }
  }
  no_socket(settings_.path, lock_path_ + " is replaced all the time");
}

// REQUIRES: lock().
void SocketPath::check_place() const {
  struct stat found {};
  if (::lstat(settings_.path.c_str(), &found) != 0) {
    if (errno == ENOENT) return;
    no_socket_errno(settings_.path, "looking at it", errno);
  }
  if (!S_ISSOCK(found.st_mode)) {
    no_socket(settings_.path, "what is there is no socket; move it away or choose another path", PICKET_REFUSED);
  }
  if (is_alive(settings_.path, settings_.kind)) {
    no_socket(settings_.path, "another program answers there; stop it or choose another path", PICKET_BUSY);
  }
}

void SocketPath::bind_beside(const Descriptor& socket) {
  ::unlink(beside_.c_str());  // of an earlier life that was killed in between; ours alone, for the lock is
  // What bind() creates has these permissions (less the umask): none, so that nobody comes in early.
  if (::fchmod(socket.get(), 0) != 0) no_socket_errno(settings_.path, "fchmod", errno);
  const sockaddr_un address = address_of(beside_);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    no_socket_errno(settings_.path, "bind to " + beside_, errno);
  }
  struct stat made {};
  if (::lstat(beside_.c_str(), &made) != 0) no_socket_errno(settings_.path, "looking at " + beside_, errno);
  device_ = made.st_dev;
  inode_ = made.st_ino;
}

void SocketPath::set_owner_and_mode() const {
  constexpr auto kSame = static_cast<uid_t>(-1);
  uid_t user = kSame;
  gid_t group = kSame;
  if (!settings_.owner.empty()) {
    const std::int64_t number = user_number(settings_.owner);
    if (number < 0) no_socket(settings_.path, "there is no user '" + settings_.owner + "'", PICKET_NOT_FOUND);
    user = static_cast<uid_t>(number);
  }
  if (!settings_.group.empty()) {
    const std::int64_t number = group_number(settings_.group);
    if (number < 0) no_socket(settings_.path, "there is no group '" + settings_.group + "'", PICKET_NOT_FOUND);
    group = static_cast<gid_t>(number);
  }
  if ((user != kSame || group != kSame) && ::lchown(beside_.c_str(), user, group) != 0) {
    no_socket_errno(settings_.path, "giving it to " + settings_.owner + ":" + settings_.group, errno);
  }
  if (::chmod(beside_.c_str(), settings_.mode) != 0) no_socket_errno(settings_.path, "chmod", errno);
}

}  // namespace picket::pipe_server
