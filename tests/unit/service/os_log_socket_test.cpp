// SPDX-License-Identifier: Apache-2.0
//
// The journal's and syslog's sockets, played by the test: Linux only.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "../platform/temporary_directory.hpp"
#include "service/os_log.hpp"

namespace picket::service {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// What listens for datagrams, as journald and syslogd do.
class LogSocket {
 public:
  explicit LogSocket(const std::string& path) : file_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un own{};
    own.sun_family = AF_UNIX;
    std::memcpy(own.sun_path, path.data(), path.size());
    EXPECT_EQ(bind(file_, reinterpret_cast<const sockaddr*>(&own), sizeof own), 0) << std::strerror(errno);
  }
  LogSocket(const LogSocket&) = delete;
  LogSocket& operator=(const LogSocket&) = delete;
  ~LogSocket() { close(file_); }

  // The next record, from the datagram or from the file that came with it; empty when there is none.
  std::string receive() {
    std::array<char, 65'536> buffer{};
    iovec part{buffer.data(), buffer.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t length = recvmsg(file_, &message, MSG_CMSG_CLOEXEC);
    if (length < 0) return "";
    const cmsghdr* const header = CMSG_FIRSTHDR(&message);
    if (header == nullptr) return {buffer.data(), static_cast<std::size_t>(length)};
    int sent = -1;
    std::memcpy(&sent, CMSG_DATA(header), sizeof sent);
    constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    EXPECT_EQ(fcntl(sent, F_GET_SEALS) & kSeals, kSeals);
    std::string text;
    for (off_t at = 0;; at = static_cast<off_t>(text.size())) {
      const ssize_t count = pread(sent, buffer.data(), buffer.size(), at);
      if (count <= 0) break;
      text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    close(sent);
    return text;
  }

 private:
  const int file_;
};

class OsLogSocket : public testing::Test {
 protected:
  OsLogSocket() { log_->configure({true, journal_, syslog_}); }
  picket_status write(std::string_view message) {
    OsLogRecord record;
    record.instance = "door";
    record.message = message;
    return log_->write(record);
  }
  const TemporaryDirectory directory_;
  const std::string journal_ = (directory_ / "journal").string();
  const std::string syslog_ = (directory_ / "syslog").string();
  const std::shared_ptr<OsLog> log_ = OsLog::make();
};

TEST_F(OsLogSocket, the_journal_comes_first) {
  LogSocket journal(journal_);
  LogSocket syslog(syslog_);
  EXPECT_EQ(write("hello"), PICKET_OK);
  EXPECT_THAT(journal.receive(), StartsWith("MESSAGE=hello\nPRIORITY=6\n"));
  EXPECT_EQ(syslog.receive(), "");
}

TEST_F(OsLogSocket, without_a_journal_syslog_has_it) {
  LogSocket syslog(syslog_);
  EXPECT_EQ(write("hello"), PICKET_OK);
  const std::string line = syslog.receive();
  EXPECT_THAT(line, StartsWith("<30>"));
  EXPECT_THAT(line, HasSubstr("picket[" + std::to_string(getpid()) + "]: hello instance=door"));
}

TEST_F(OsLogSocket, without_either_it_says_so) {
  EXPECT_EQ(write("hello"), PICKET_NOT_FOUND);
  LogSocket journal(journal_);
  log_->configure({false, journal_, syslog_});
  EXPECT_EQ(write("hello"), PICKET_NOT_FOUND) << "switched off";
}

TEST_F(OsLogSocket, a_large_record_goes_as_a_sealed_file) {
  LogSocket journal(journal_);
  const std::string large(600'000, 'x');
  EXPECT_EQ(write(large), PICKET_OK);
  EXPECT_THAT(journal.receive(), StartsWith("MESSAGE=" + large + "\n"));
}

TEST_F(OsLogSocket, a_journal_that_hangs_costs_records_and_no_time) {
  LogSocket journal(journal_);
  int lost = 0;
  for (int i = 0; i < 5'000; ++i) lost += write("hello") == PICKET_BUSY ? 1 : 0;
  EXPECT_GT(lost, 0);
  EXPECT_EQ(log_->lost(), static_cast<std::uint64_t>(lost));
}

}  // namespace
}  // namespace picket::service
