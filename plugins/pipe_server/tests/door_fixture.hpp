// SPDX-License-Identifier: Apache-2.0
//
// The plugin in a fake host, with real sockets in a directory of its own, and a client as plain as a program can be.
// Linux. One thread, the test's, beside the plugin's own.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <picket/testing.hpp>
#include <string>
#include <string_view>

#include "pipe_server.hpp"
#include "schema.hpp"

namespace picket::pipe_server {

inline const picket_plugin_type& door_type() {
  static constexpr picket_plugin_type kType = picket::plugin_type<PipeServer>(
      {.id = "pipe_server", .version = "0", .summary = "of the tests", .config_schema = kSchema});
  return kType;
}

class Client {
 public:
  explicit Client(const std::string& path, int type = SOCK_STREAM)
      : socket_(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
    connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { close(); }

  bool connected() const { return connected_; }
  bool send(std::string_view data) const {
    while (!data.empty()) {
      const ssize_t count = ::send(socket_, data.data(), data.size(), MSG_NOSIGNAL);
      if (count < 0) return false;
      data.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  // As much as the socket takes at once.
  std::size_t send_some(std::string_view data) const {
    const ssize_t count = ::send(socket_, data.data(), data.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return count < 0 ? 0 : static_cast<std::size_t>(count);
  }
  // What comes until `count` line ends are there, or the end, or ten seconds are over.
  std::string read_lines(int count = 1) {
    while (lines_in(received_) < count && read_more()) {
    }
    return std::exchange(received_, {});
  }
  // Until the other end closes; false when it does not.
  bool read_to_end() {
    while (read_more()) {
    }
    return ended_;
  }
  const std::string& received() const { return received_; }
  void shut_down() const { ::shutdown(socket_, SHUT_WR); }
  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }
  int descriptor() const { return socket_; }

 private:
  static int lines_in(const std::string& text) { return static_cast<int>(std::count(text.begin(), text.end(), '\n')); }
  bool read_more() {
    pollfd waiting{socket_, POLLIN, 0};
    if (::poll(&waiting, 1, 10'000) <= 0) return false;
    std::array<char, 65536> buffer{};
    const ssize_t count = ::read(socket_, buffer.data(), buffer.size());
    if (count <= 0) {
      ended_ = true;
      return false;
    }
    received_.append(buffer.data(), static_cast<std::size_t>(count));
    return true;
  }

  int socket_;
  bool connected_ = false;
  bool ended_ = false;
  std::string received_;
};

class DoorTest : public ::testing::Test {
 protected:
  DoorTest() {
    std::string name = (std::filesystem::temp_directory_path() / "door-XXXXXX").string();
    directory = ::mkdtemp(name.data());
  }
  ~DoorTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
  }

  std::string path(const std::string& name = "s") const { return (directory / name).string(); }
  // One listener; `more` are further members of its settings, with a comma before them.
  std::string settings(const std::string& protocol, const std::string& more = "") const {
    return R"({"listen": {"path": ")" + path() + R"(", "protocol": ")" + protocol + "\"" + more + "}}";
  }
  testing::FakeHost& open(const std::string& json) {
    host.emplace(&door_type(), json);
    const auto started = host->start();
    EXPECT_TRUE(started.ok()) << (started.ok() ? "" : started.error().message);
    return *host;
  }
  bool wait_for_events(std::size_t count) {
    return host->wait_until([&] { return host->events().size() >= count; });
  }
  bool wait_for_counter(const std::string& name, std::int64_t value) {
    return host->wait_until([&] { return host->counter(name).value_or(-1) == value; });
  }

  std::filesystem::path directory;
  std::optional<testing::FakeHost> host;
};

}  // namespace picket::pipe_server
