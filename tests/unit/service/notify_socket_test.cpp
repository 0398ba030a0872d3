// SPDX-License-Identifier: Apache-2.0
//
// The transport of the notify protocol against sockets of the test's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>

#include "../platform/temporary_directory.hpp"
#include "service/notify.hpp"

namespace picket::service {
namespace {

using testing::HasSubstr;

// What systemd does at the other end.
class Manager {
 public:
  explicit Manager(const std::string& address) {
    sockaddr_un own{};
    own.sun_family = AF_UNIX;
    std::memcpy(own.sun_path, address.data(), address.size());
    if (own.sun_path[0] == '@') own.sun_path[0] = '\0';
    const std::size_t end = address.front() == '@' ? 0 : 1;
    file_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(bind(file_, reinterpret_cast<const sockaddr*>(&own),
                   static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size() + end)),
              0)
        << std::strerror(errno);
    const timeval deadline{.tv_sec = 30, .tv_usec = 0};
    setsockopt(file_, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
  }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;
  ~Manager() { close(file_); }

  std::string receive() const {
    std::array<char, 512> buffer{};
    const ssize_t length = recv(file_, buffer.data(), buffer.size(), 0);
    return {buffer.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
  }

 private:
  int file_ = -1;
};

TEST(NotifySocket, reaches_a_path) {
  const TemporaryDirectory directory;
  const std::string address = (directory / "notify").string();
  const Manager manager(address);
  const auto socket = NotifySocket::open(address);
  ASSERT_TRUE(socket) << socket.error().message;
  ASSERT_TRUE((*socket)->send("READY=1"));
  EXPECT_EQ(manager.receive(), "READY=1");
}

TEST(NotifySocket, reaches_an_abstract_name) {
  const std::string address = "@picket-test-" + std::to_string(getpid());
  const Manager manager(address);
  const auto socket = NotifySocket::open(address);
  ASSERT_TRUE(socket) << socket.error().message;
  ASSERT_TRUE((*socket)->send("STATUS=x"));
  EXPECT_EQ(manager.receive(), "STATUS=x");
}

TEST(NotifySocket, survives_a_manager_that_comes_late_or_starts_again) {
  const TemporaryDirectory directory;
  const std::string address = (directory / "notify").string();
  const auto socket = NotifySocket::open(address);
  ASSERT_TRUE(socket);
  const auto early = (*socket)->send("READY=1");
  ASSERT_FALSE(early);
  EXPECT_THAT(early.error().message, HasSubstr(address));
  const Manager manager(address);
  ASSERT_TRUE((*socket)->send("READY=1"));
  EXPECT_EQ(manager.receive(), "READY=1");
}

TEST(NotifySocket, addresses_that_cannot_be_are_refused) {
  EXPECT_THAT(NotifySocket::open("relative").error().message, HasSubstr("NOTIFY_SOCKET=relative"));
  EXPECT_FALSE(NotifySocket::open(""));
  EXPECT_THAT(NotifySocket::open("/" + std::string(200, 'x')).error().message, HasSubstr("too long"));
  EXPECT_FALSE(NotifySocket::open("/" + std::string(107, 'x')));  // 108 bytes, and no room for the final zero
  EXPECT_TRUE(NotifySocket::open("@" + std::string(107, 'x')));
}

TEST(Notifier, follows_the_environment_which_no_child_inherits) {
  const TemporaryDirectory directory;
  const std::string address = (directory / "notify").string();
  const Manager manager(address);
  ASSERT_EQ(setenv("NOTIFY_SOCKET", address.c_str(), 1), 0);
  ASSERT_EQ(setenv("WATCHDOG_PID", "1", 1), 0);
  ASSERT_EQ(setenv("WATCHDOG_USEC", "1000000", 1), 0);
  const auto environment = NotifyEnvironment::take();
  for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"}) EXPECT_EQ(getenv(name), nullptr) << name;
  EXPECT_EQ(environment.watchdog_ns, 0) << "of another process";
  const auto notifier = Notifier::from_environment(environment, platform::system_clock(), nullptr);
  notifier->ready();
  EXPECT_EQ(manager.receive(), "READY=1");
}

TEST(Notifier, an_address_that_cannot_be_is_reported_and_left_alone) {
  std::string error;
  const auto notifier = Notifier::from_environment({"nonsense"}, platform::system_clock(),
                                                   [&](const std::string& message) { error = message; });
  EXPECT_THAT(error, HasSubstr("nonsense"));
  error.clear();
  notifier->ready();
  EXPECT_EQ(error, "");
}

}  // namespace
}  // namespace picket::service
