// SPDX-License-Identifier: Apache-2.0
//
// Who may call whom, and when, between a server with clients and the handler of their messages.
#include "plugin_host/conversations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "platform/virtual_executor.hpp"
#include "plugin_host/text.hpp"

namespace picket::plugin_host {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A handler whose functions write down that they were called.
struct Handler {
  std::vector<std::string> calls;
  std::function<void(picket_conversation, std::string_view)> on_message;
  picket_status opens = PICKET_OK;
  picket_status answers = PICKET_OK;

  static Handler& of(void* self) { return *static_cast<Handler*>(self); }
  static picket_status opened(void* self, picket_conversation id, const picket_peer* peer, picket_error* error) {
    of(self).calls.push_back("opened " + std::to_string(id) + " by " + std::string(view(peer->server)));
    if (of(self).opens != PICKET_OK) set_error(error, of(self).opens, "not today");
    return of(self).opens;
  }
  static picket_status message(void* self, picket_conversation id, picket_str text, picket_error* error) {
    of(self).calls.push_back("message " + std::to_string(id) + " " + std::string(view(text)));
    if (of(self).on_message) of(self).on_message(id, view(text));
    if (of(self).answers != PICKET_OK) set_error(error, of(self).answers, "bad words");
    return of(self).answers;
  }
  static void closed(void* self, picket_conversation id) { of(self).calls.push_back("closed " + std::to_string(id)); }
};

// What a server hears of one client.
struct Client {
  std::vector<std::string> heard;

  static Client& of(void* context) { return *static_cast<Client*>(context); }
  static picket_status reply(void* context, picket_str message) {
    of(context).heard.push_back("reply " + std::string(view(message)));
    return PICKET_OK;
  }
  static void draining(void* context) { of(context).heard.emplace_back("draining"); }
  static void ended(void* context, picket_status status, picket_str reason) {
    of(context).heard.push_back("ended " + std::to_string(status) + " " + std::string(view(reason)));
  }
  static picket_conversation_events events() {
    return {sizeof(picket_conversation_events), 0, &Client::reply, &Client::draining, &Client::ended};
  }
};

class ConversationsTest : public ::testing::Test {
 protected:
  std::shared_ptr<MessagePort> add_port(const std::string& instance, Handler& of, bool blocks = false) {
    MessagePort::Parts parts;
    parts.instance = instance;
    parts.table = {sizeof(picket_message_handler), 0, &Handler::opened, &Handler::message, &Handler::closed};
    parts.plugin = &of;
    if (blocks) parts.lane = platform::Lane::make(executor);
    parts.report = [this](const char* call, const char* what) { thrown.push_back(std::string(call) + ": " + what); };
    auto port = std::make_shared<MessagePort>(std::move(parts));
    conversations.add(port);
    return port;
  }
  picket_conversation open(Client& who, const std::string& instance = "echo") {
    return conversations.open(&server, "door", instance, picket_peer{}, Client::events(), &who, &error);
  }
  picket_status send(picket_conversation id, std::string_view message) {
    return conversations.send(id, text(message), &error);
  }

  std::shared_ptr<platform::VirtualExecutor> executor = std::make_shared<platform::VirtualExecutor>();
  Conversations conversations{executor};
  int server = 0;  // only its address counts
  picket_error error{};
  std::vector<std::string> thrown;
  Handler handler;
  Client client;
};

TEST_F(ConversationsTest, messages_reach_the_handler_and_its_replies_the_client) {
  add_port("echo", handler);
  handler.on_message = [&](picket_conversation id, std::string_view message) {
    EXPECT_EQ(conversations.reply(id, text("you said " + std::string(message))), PICKET_OK);
  };
  const auto id = open(client);
  ASSERT_NE(id, 0U);
  EXPECT_EQ(send(id, "hi"), PICKET_OK);
  conversations.close(id);
  EXPECT_THAT(handler.calls, ElementsAre("opened 1 by door", "message 1 hi", "closed 1"));
  EXPECT_THAT(client.heard, ElementsAre("reply you said hi"));
}

TEST_F(ConversationsTest, nothing_is_heard_of_a_conversation_that_is_closed) {
  add_port("echo", handler);
  const auto id = open(client);
  conversations.close(id);
  EXPECT_EQ(conversations.reply(id, text("late")), PICKET_CANCELLED);
  EXPECT_EQ(send(id, "late"), PICKET_CANCELLED);
  conversations.end(id);
  conversations.close(id);
  EXPECT_THAT(client.heard, IsEmpty());
  EXPECT_THAT(handler.calls, ElementsAre("opened 1 by door", "closed 1"));
}

TEST_F(ConversationsTest, who_is_not_there_or_refuses_opens_nothing) {
  EXPECT_EQ(open(client, "nobody"), 0U);
  EXPECT_EQ(error.code, PICKET_NOT_FOUND);
  EXPECT_THAT(error.message, HasSubstr("'nobody' answers no messages"));
  add_port("echo", handler);
  handler.opens = PICKET_DENIED;
  EXPECT_EQ(open(client), 0U);
  EXPECT_EQ(error.code, PICKET_DENIED);
  EXPECT_STREQ(error.message, "not today");
  EXPECT_THAT(handler.calls, ElementsAre("opened 1 by door")) << "what was turned away is not closed";
  EXPECT_THAT(client.heard, IsEmpty());
}

TEST_F(ConversationsTest, a_failure_and_an_exception_are_answers_to_the_server) {
  add_port("echo", handler);
  const auto id = open(client);
  handler.answers = PICKET_INVALID;
  EXPECT_EQ(send(id, "x"), PICKET_INVALID);
  EXPECT_STREQ(error.message, "bad words");
  handler.on_message = [](picket_conversation, std::string_view) { throw std::runtime_error("oops"); };
  EXPECT_EQ(send(id, "x"), PICKET_FAILED);
  EXPECT_THAT(thrown, ElementsAre("message: oops"));
}

TEST_F(ConversationsTest, the_handler_ends_a_conversation_and_the_server_still_closes_it) {
  add_port("echo", handler);
  const auto id = open(client);
  conversations.end(id);
  EXPECT_THAT(client.heard, ElementsAre("ended 0 "));
  conversations.close(id);
  EXPECT_THAT(handler.calls, ElementsAre("opened 1 by door", "closed 1"));
}

TEST_F(ConversationsTest, a_handler_that_blocks_is_called_on_the_executor_in_order) {
  add_port("echo", handler, true);
  const auto id = open(client);
  EXPECT_EQ(send(id, "a"), PICKET_OK);
  EXPECT_EQ(send(id, "b"), PICKET_OK);
  conversations.close(id);
  EXPECT_THAT(handler.calls, IsEmpty());
  executor->run_ready();
  EXPECT_THAT(handler.calls, ElementsAre("opened 1 by door", "message 1 a", "message 1 b", "closed 1"));
}

TEST_F(ConversationsTest, one_that_blocks_and_refuses_says_so_later_and_hears_no_message) {
  add_port("echo", handler, true);
  handler.opens = PICKET_REFUSED;
  const auto id = open(client);
  EXPECT_NE(id, 0U);
  EXPECT_EQ(send(id, "a"), PICKET_OK);
  executor->run_ready();
  EXPECT_THAT(handler.calls, ElementsAre("opened 1 by door"));
  EXPECT_THAT(client.heard, ElementsAre("ended " + std::to_string(PICKET_REFUSED) + " not today"));
}

TEST_F(ConversationsTest, a_handler_that_stops_waits_for_its_clients) {
  const auto port = add_port("echo", handler);
  const auto id = open(client);
  bool drained = false;
  conversations.drain_port(port, [&] { drained = true; });
  EXPECT_FALSE(drained);
  EXPECT_THAT(client.heard, ElementsAre("draining"));
  Client late;
  EXPECT_EQ(open(late), 0U) << "newcomers are turned away";
  EXPECT_EQ(send(id, "last words"), PICKET_OK);
  conversations.close(id);
  EXPECT_TRUE(drained);
  conversations.close_port(port);
  EXPECT_THAT(handler.calls, ElementsAre("opened 1 by door", "message 1 last words", "closed 1"));
}

TEST_F(ConversationsTest, but_not_for_ever_and_then_it_hears_of_nobody) {
  const auto port = add_port("echo", handler);
  const auto id = open(client);
  bool drained = false;
  conversations.drain_port(port, [&] { drained = true; });
  executor->run_for(Conversations::kPatience);
  EXPECT_TRUE(drained);
  conversations.close_port(port);
  EXPECT_THAT(handler.calls, ElementsAre("opened 1 by door", "closed 1"));
  EXPECT_THAT(client.heard,
              ElementsAre("draining", "ended " + std::to_string(PICKET_CANCELLED) + " 'echo' has stopped"));
  EXPECT_EQ(send(id, "x"), PICKET_CANCELLED);
  conversations.close(id);
  EXPECT_THAT(handler.calls, ElementsAre("opened 1 by door", "closed 1")) << "once";
}

TEST_F(ConversationsTest, without_clients_a_stop_has_nothing_to_wait_for) {
  const auto port = add_port("echo", handler);
  bool drained = false;
  conversations.drain_port(port, [&] { drained = true; });
  EXPECT_TRUE(drained);
}

TEST_F(ConversationsTest, the_next_life_of_an_instance_is_not_ended_with_the_one_before) {
  const auto port = add_port("echo", handler);
  Handler next;
  add_port("echo", next);
  conversations.close_port(port);
  const auto id = open(client);
  ASSERT_NE(id, 0U);
  EXPECT_EQ(send(id, "x"), PICKET_OK);
  EXPECT_THAT(next.calls, ElementsAre("opened 1 by door", "message 1 x"));
}

TEST_F(ConversationsTest, a_server_that_has_stopped_leaves_no_conversation_behind) {
  add_port("echo", handler);
  Client second;
  open(client);
  open(second);
  int other_server = 0;
  Client other;
  const auto kept = conversations.open(&other_server, "other", "echo", picket_peer{}, Client::events(), &other, &error);
  conversations.forget_server(&server);
  EXPECT_THAT(handler.calls, ::testing::IsSupersetOf({"closed 1", "closed 2"}));
  EXPECT_EQ(send(kept, "x"), PICKET_OK);
  EXPECT_EQ(send(1, "x"), PICKET_CANCELLED);
}

}  // namespace
}  // namespace picket::plugin_host
