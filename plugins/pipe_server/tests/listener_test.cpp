// SPDX-License-Identifier: Apache-2.0
//
// Sockets as files, and clients as connections: who gets a path, who gets in, and what a client costs.
#include <gmock/gmock.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "door_fixture.hpp"

namespace picket::pipe_server {
namespace {

using ::testing::HasSubstr;

int open_descriptors() {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    static_cast<void>(entry);
    ++count;
  }
  return count;
}

// A socket that some program has bound at `path`.
int bind_socket(const std::string& path, bool listening) {
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
  EXPECT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  if (listening) {
    EXPECT_EQ(::listen(socket, 1), 0);
  }
  return socket;
}

class Listeners : public DoorTest {
 protected:
  // Why a door does not open there.
  std::string refusal(const std::string& json) {
    testing::FakeHost other(&door_type(), json);
    const auto started = other.start();
    return started.ok() ? "" : started.error().message;
  }
};

TEST_F(Listeners, the_socket_has_its_mode_and_its_directory_is_made) {
  const std::string deep = (directory / "a" / "b" / "s").string();
  open(R"({"listen": {"path": ")" + deep + R"(", "protocol": "ndjson", "mode": "0600"}})");
  struct stat found {};
  ASSERT_EQ(::stat(deep.c_str(), &found), 0);
  EXPECT_TRUE(S_ISSOCK(found.st_mode));
  EXPECT_EQ(found.st_mode & 07777U, 0600U);
  host->stop();
  EXPECT_NE(::stat(deep.c_str(), &found), 0) << "a stop leaves nothing behind";
  EXPECT_NE(::stat((deep + ".lock").c_str(), &found), 0);
}

TEST_F(Listeners, a_dead_programs_socket_is_replaced) {
  ::close(bind_socket(path(), true));
  open(settings("ndjson"));
  EXPECT_TRUE(Client(path()).connected());
}

TEST_F(Listeners, a_living_programs_socket_is_left_alone) {
  const int living = bind_socket(path(), true);
  EXPECT_THAT(refusal(settings("ndjson")), HasSubstr("another program answers there"));
  EXPECT_TRUE(Client(path()).connected());
  ::close(living);
}

TEST_F(Listeners, a_living_programs_datagram_socket_is_left_alone) {
  open(R"({"listen": {"path": ")" + path() + R"(", "protocol": "syslog", "kind": "datagram"}})");
  std::filesystem::remove(path() + ".lock");  // as if another program had made it
  EXPECT_THAT(refusal(settings("ndjson")), HasSubstr("another program answers there"));
}

TEST_F(Listeners, two_doors_do_not_take_each_others_path) {
  open(settings("ndjson"));
  EXPECT_THAT(refusal(settings("ndjson")), HasSubstr("another instance or daemon has it"));
  EXPECT_TRUE(Client(path()).connected());
}

TEST_F(Listeners, a_file_that_is_no_socket_is_never_removed) {
  std::ofstream(path()) << "precious";
  EXPECT_THAT(refusal(settings("ndjson")), HasSubstr("is no socket"));
  EXPECT_TRUE(std::filesystem::exists(path()));
}

TEST_F(Listeners, a_path_that_is_too_long_or_an_unknown_group_is_named) {
  EXPECT_THAT(refusal(R"({"listen": {"path": "/tmp/)" + std::string(200, 'x') + R"(", "protocol": "ndjson"}})"),
              HasSubstr("longer than 103 bytes"));
  EXPECT_THAT(refusal(settings("ndjson", R"(, "group": "no-such-group")")), HasSubstr("no group 'no-such-group'"));
  EXPECT_FALSE(std::filesystem::exists(path() + ".new"));
}

TEST_F(Listeners, either_all_open_or_none) {
  std::ofstream(path("b")) << "in the way";
  EXPECT_NE(refusal(R"({"listen": [{"path": ")" + path("a") + R"(", "protocol": "ndjson"},
                                   {"path": ")" +
                    path("b") + R"(", "protocol": "ndjson"}]})"),
            "");
  EXPECT_FALSE(std::filesystem::exists(path("a")));
}

TEST_F(Listeners, clients_over_a_limit_are_told_so_and_let_go) {
  open(settings("ndjson", R"(, "limits": {"connections": 2})"));
  const Client one(path());
  const Client two(path());
  ASSERT_TRUE(wait_for_counter("connections", 2));
  Client three(path());
  EXPECT_TRUE(three.read_to_end());
  EXPECT_THAT(three.received(), HasSubstr("limits.connections"));
  EXPECT_EQ(host->counter("connections.refused"), 1);
}

TEST_F(Listeners, one_user_may_not_take_all_places) {
  open(settings("ndjson", R"(, "limits": {"user_connections": 1})"));
  const Client one(path());
  ASSERT_TRUE(wait_for_counter("connections", 1));
  Client two(path());
  EXPECT_TRUE(two.read_to_end());
  EXPECT_THAT(two.received(), HasSubstr("limits.user_connections"));
}

TEST_F(Listeners, a_silent_client_is_closed_after_limits_idle) {
  open(settings("ndjson", R"(, "limits": {"idle": 1000000000})"));
  Client client(path());
  ASSERT_TRUE(wait_for_counter("connections", 1));
  ASSERT_TRUE(host->wait_until([&] {
    host->stall(std::chrono::seconds(1));  // the door looks at the host's clock when it wakes up
    const Client nudge(path());
    return host->counter("connections.cut") == 1;
  }));
  EXPECT_TRUE(client.read_to_end());
}

TEST_F(Listeners, silent_and_half_open_clients_do_not_hold_up_a_stop) {
  open(settings("ndjson"));
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(std::make_unique<Client>(path()));
  for (std::size_t i = 0; i < 10; ++i) clients[i]->shut_down();
  ASSERT_TRUE(wait_for_counter("connections.accepted", 20));
  host->stop();
  for (const auto& client : clients) EXPECT_TRUE(client->read_to_end());
}

TEST_F(Listeners, a_stop_answers_what_no_destination_has_acknowledged) {
  open(R"({"drain": 0, "listen": {"path": ")" + path() + R"(", "protocol": "jsonrpc"}})");
  Client client(path());
  ASSERT_TRUE(client.send(R"({"jsonrpc":"2.0","id":1,"method":"publish","params":{"event":{"message":"x"},"ack":true}})"
                          "\n"));
  ASSERT_TRUE(wait_for_events(1));
  host->stop();
  EXPECT_NE(client.read_lines().find("CANCELLED"), std::string::npos);
  EXPECT_TRUE(client.read_to_end());
}

TEST_F(Listeners, what_came_before_the_stop_counts) {
  open(settings("ndjson"));
  const Client client(path());
  ASSERT_TRUE(client.send("{}\n{}\n{}\n"));
  host->stop();
  EXPECT_EQ(host->events().size(), 3U);
}

TEST_F(Listeners, ten_thousand_connections_leave_no_descriptor) {
  open(settings("ndjson"));
  const int before = open_descriptors();
  for (int i = 0; i < 10'000; ++i) {
    const Client client(path());
    ASSERT_TRUE(client.connected()) << i;
    if (i % 3 == 0) {
      ASSERT_TRUE(client.send(i % 2 == 0 ? "{}\n" : "half of a li"));
    }
  }
  EXPECT_TRUE(wait_for_counter("connections.accepted", 10'000));
  EXPECT_TRUE(wait_for_counter("connections", 0));
  EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace picket::pipe_server
