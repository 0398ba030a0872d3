// SPDX-License-Identifier: Apache-2.0
//
// The protocol message: clients of this instance, answered by another one.
#include <gmock/gmock.h>

#include "door_fixture.hpp"

namespace picket::pipe_server {
namespace {

class Messages : public DoorTest {
 protected:
  void open_with_echo(const std::string& more = "") {
    host.emplace(&door_type(), settings("message", R"(, "handler": "echo")" + more));
    host->handle_messages("echo", [](std::string_view message) {
      if (message == "refuse") throw Failure("not that", PICKET_REFUSED);
      return "you said " + std::string(message);
    });
    ASSERT_TRUE(host->start().ok());
  }
};

TEST_F(Messages, each_line_is_answered_in_order) {
  open_with_echo();
  Client client(path());
  ASSERT_TRUE(client.send("one\ntwo\r\n\n"));
  EXPECT_EQ(client.read_lines(3), "you said one\nyou said two\nyou said \n");
}

TEST_F(Messages, a_last_line_without_an_end_is_answered_before_the_close) {
  open_with_echo();
  Client client(path());
  ASSERT_TRUE(client.send("one"));
  client.shut_down();
  EXPECT_TRUE(client.read_to_end());
  EXPECT_EQ(client.received(), "you said one\n");
}

TEST_F(Messages, packets_are_messages_as_they_are) {
  open_with_echo(R"(, "kind": "seqpacket")");
  const Client client(path(), SOCK_SEQPACKET);
  ASSERT_TRUE(client.send("two\nlines\n"));
  std::array<char, 100> answer{};
  pollfd waiting{client.descriptor(), POLLIN, 0};
  ASSERT_EQ(::poll(&waiting, 1, 10'000), 1);
  const ssize_t count = ::recv(client.descriptor(), answer.data(), answer.size(), 0);
  EXPECT_EQ(std::string_view(answer.data(), static_cast<std::size_t>(count)), "you said two\nlines\n");
}

TEST_F(Messages, a_silent_client_has_a_conversation_that_ends_with_it) {
  open_with_echo();
  {
    const Client client(path());
    ASSERT_TRUE(host->wait_until([&] { return host->conversations_served() == 1; }));
  }
  EXPECT_TRUE(host->wait_until([&] { return host->conversations_served() == 0; }));
}

TEST_F(Messages, a_handlers_refusal_ends_the_connection) {
  open_with_echo();
  Client client(path());
  ASSERT_TRUE(client.send("one\nrefuse\nthree\n"));
  EXPECT_TRUE(client.read_to_end());
  EXPECT_EQ(client.received(), "you said one\n");
  EXPECT_TRUE(host->logged(PICKET_LOG_WARNING, "not that"));
}

TEST_F(Messages, without_its_handler_a_client_is_let_go_and_the_log_says_why) {
  open(settings("message", R"(, "handler": "nobody")"));
  Client client(path());
  EXPECT_TRUE(client.read_to_end());
  EXPECT_TRUE(host->logged(PICKET_LOG_WARNING, "no instance is called 'nobody'"));
}

TEST_F(Messages, a_stop_answers_what_was_asked_before) {
  open_with_echo();
  Client client(path());
  ASSERT_TRUE(client.send("one\n"));
  host->stop();
  EXPECT_TRUE(client.read_to_end());
  EXPECT_EQ(client.received(), "you said one\n");
}

}  // namespace
}  // namespace picket::pipe_server
