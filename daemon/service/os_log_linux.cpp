// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <mutex>
#include <optional>

#include "service/os_log.hpp"

namespace picket::service {
namespace {

enum class Sent { yes, busy, too_large, nobody };

// Datagrams to local sockets. Not connected, for the listener may be restarted and bind its path again.
class OsLogLinux final : public OsLog {
 public:
  OsLogLinux() : socket_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {}
  OsLogLinux(const OsLogLinux&) = delete;
  OsLogLinux& operator=(const OsLogLinux&) = delete;
  ~OsLogLinux() override {
    if (socket_ >= 0) close(socket_);
  }

  void configure(const OsLogSettings& settings) override {
    const std::scoped_lock lock(mutex_);
    settings_ = settings;
  }

  picket_status write(const OsLogRecord& record) override {
    OsLogSettings settings;
    {
      const std::scoped_lock lock(mutex_);
      settings = settings_;
    }
    if (!settings.enabled || socket_ < 0) return PICKET_NOT_FOUND;
    const auto process_id = static_cast<std::uint32_t>(getpid());
    Sent sent = Sent::nobody;
    if (!settings.journal.empty()) {
      const std::string datagram = journal_datagram(record, process_id);
      sent = send(settings.journal, datagram, -1);
      if (sent == Sent::too_large) sent = send_as_file(settings.journal, datagram);
    }
    if (sent == Sent::nobody && !settings.syslog.empty()) {
      sent = send(settings.syslog, syslog_datagram(record, process_id, stamp()), -1);
    }
    if (sent == Sent::yes) return PICKET_OK;
    if (sent == Sent::nobody) return PICKET_NOT_FOUND;
    lost_.fetch_add(1, std::memory_order_relaxed);
    return PICKET_BUSY;
  }

  std::uint64_t lost() const override { return lost_.load(std::memory_order_relaxed); }

 private:
  // Sends `data`, or the file when it is not -1.
  Sent send(const std::string& path, std::string_view data, int file) const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return Sent::nobody;
    std::memcpy(address.sun_path, path.data(), path.size());
    iovec part{const_cast<char*>(data.data()), data.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_name = &address;
    message.msg_namelen = sizeof address;
    if (file < 0) {
      message.msg_iov = &part;
      message.msg_iovlen = 1;
    } else {
      message.msg_control = control.data();
      message.msg_controllen = control.size();
      cmsghdr* const header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN(sizeof file);
      std::memcpy(CMSG_DATA(header), &file, sizeof file);
    }
    ssize_t sent = 0;
    do {
      sent = sendmsg(socket_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    if (sent >= 0) return Sent::yes;
    if (errno == EMSGSIZE) return Sent::too_large;
    return errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM ? Sent::busy : Sent::nobody;
  }

  // What is too large for a datagram goes as a sealed file in memory; the journal demands the seals.
  Sent send_as_file(const std::string& path, std::string_view data) const {
    const int file = memfd_create("picket-os-log", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file < 0) return Sent::busy;
    std::string_view rest = data;
    while (!rest.empty()) {
      const ssize_t written = ::write(file, rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) break;
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
    const bool sealed =
        rest.empty() && fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0;
    const Sent sent = sealed ? send(path, {}, file) : Sent::busy;
    close(file);
    return sent == Sent::too_large ? Sent::busy : sent;
  }

  static std::string stamp() {
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    // Not strftime's names of months: they follow the locale, and syslog's do not.
    constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::array<char, 32> rest{};
    std::strftime(rest.data(), rest.size(), " %e %H:%M:%S", &local);
    return std::string(kMonths.at(static_cast<std::size_t>(local.tm_mon))) + rest.data();
  }

  const int socket_;
  std::atomic<std::uint64_t> lost_{0};
  std::mutex mutex_;
  OsLogSettings settings_{false, {}, {}};  // guarded by mutex_
};

}  // namespace

std::shared_ptr<OsLog> OsLog::make() {
  return std::make_shared<OsLogLinux>();
}

}  // namespace picket::service
