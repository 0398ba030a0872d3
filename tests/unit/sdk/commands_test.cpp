// SPDX-License-Identifier: Apache-2.0
//
// Commands both ways: what a plugin offers, and what it asks of others.
#include "test_plugin.hpp"

namespace picket::testing {
namespace {

using namespace std::chrono_literals;

class Servant : public Tracked<Servant>, public Commands {
 public:
  static constexpr CommandInfo kCommands[] = {
      {.name = "echo", .summary = "says it back", .args_schema = R"({"type": "object"})", .read_only = true},
      {.name = "later", .summary = "answers when it is told to"},
      {.name = "throw", .summary = "fails"},
      {.name = "forget", .summary = "does not answer"},
      {.name = "twice", .summary = "answers twice"},
  };
  using Tracked::Tracked;

  void execute(std::string_view command, std::string_view args_json, Reply&& reply) override {
    if (command == "echo") reply.ok(args_json);
    if (command == "throw") throw Failure("no such program", PICKET_NOT_FOUND);
    if (command == "twice") {
      reply.ok("1");
      reply.fail("too late");
    }
    if (command == "later") waiting = std::move(reply);
  }
  void abandoned(picket_call call) override { abandoned_calls.push_back(call); }

  std::optional<Reply> waiting;
  std::vector<picket_call> abandoned_calls;
};

class CommandsTest : public ::testing::Test {
 protected:
  explicit CommandsTest(Options options = {}) : host(type_of<Servant>(), "{}", std::move(options)) {
    EXPECT_TRUE(host.start().ok());
  }
  Servant& plugin() { return *Servant::last; }
  FakeHost host;
};

TEST_F(CommandsTest, an_answer_at_once_reaches_the_caller) {
  const Answer answer = host.execute("echo", R"({"a":1})");
  EXPECT_EQ(answer.status, PICKET_OK);
  EXPECT_EQ(answer.text, R"({"a":1})");
}

TEST_F(CommandsTest, a_reply_may_be_kept_and_answered_later) {
  const picket_call call = host.begin("later");
  EXPECT_FALSE(host.answer(call));
  ASSERT_TRUE(plugin().waiting);
  EXPECT_EQ(plugin().waiting->call(), call);
  plugin().waiting->ok("\"done\"");
  EXPECT_FALSE(plugin().waiting->open());
  EXPECT_EQ(host.answer(call)->text, "\"done\"");
}

TEST_F(CommandsTest, an_exception_is_the_answer) {
  const Answer answer = host.execute("throw");
  EXPECT_EQ(answer.status, PICKET_NOT_FOUND);
  EXPECT_EQ(answer.text, "no such program");
}

TEST_F(CommandsTest, a_command_without_an_answer_fails_instead_of_hanging) {
  const Answer answer = host.execute("forget");
  EXPECT_EQ(answer.status, PICKET_FAILED);
  EXPECT_EQ(answer.text, "the command ended without an answer");
}

TEST_F(CommandsTest, a_kept_reply_that_is_dropped_fails_too) {
  const picket_call call = host.begin("later");
  plugin().waiting.reset();
  EXPECT_EQ(host.answer(call)->status, PICKET_FAILED);
}

TEST_F(CommandsTest, a_reply_that_is_replaced_answers_first) {
  const picket_call first = host.begin("later");
  const picket_call second = host.begin("later");
  EXPECT_EQ(host.answer(first)->status, PICKET_FAILED);
  EXPECT_FALSE(host.answer(second));
}

TEST_F(CommandsTest, only_the_first_answer_counts) {
  const Answer answer = host.execute("twice");
  EXPECT_EQ(answer.status, PICKET_OK);
  EXPECT_EQ(answer.text, "1");
}

TEST_F(CommandsTest, the_plugin_hears_of_callers_that_went_away) {
  const picket_call call = host.begin("later");
  host.abandon(call);
  EXPECT_EQ(plugin().abandoned_calls, std::vector<picket_call>{call});
}

class CommandsWithoutHostTest : public CommandsTest {
 protected:
  CommandsWithoutHostTest() : CommandsTest({.without = {PICKET_EXT_COMMANDS}}) {}
};

TEST_F(CommandsWithoutHostTest, a_host_that_takes_no_replies_is_told_so) {
  const Answer answer = host.execute("echo");
  EXPECT_EQ(answer.status, PICKET_UNSUPPORTED);
  EXPECT_EQ(answer.text, "this daemon has no picket.commands/1, which this plugin needs: update Picket");
  EXPECT_THROW(static_cast<void>(plugin().host().commands()), Failure);
}

class CallTest : public CommandsTest {
 protected:
  Call call(std::chrono::nanoseconds timeout = 5s) {
    return plugin().host().commands().call("web", "restart", "{}", timeout,
                                           [this](picket_status status, std::string_view text) {
                                             answers.push_back({status, std::string(text)});
                                           });
  }
  std::vector<Answer> answers;
};

TEST_F(CallTest, a_call_is_seen_and_answered) {
  const Call open = call();
  ASSERT_EQ(host.calls().size(), 1U);
  EXPECT_EQ(host.calls()[0].instance, "web");
  EXPECT_EQ(host.calls()[0].command, "restart");
  EXPECT_EQ(host.calls()[0].timeout_ns, 5'000'000'000);
  EXPECT_TRUE(host.answer_call(host.calls()[0].id, PICKET_OK, "true"));
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].text, "true");
  EXPECT_TRUE(host.calls().empty());
}

TEST_F(CallTest, a_call_that_nobody_answers_times_out) {
  const Call open = call();
  const picket_call id = host.calls()[0].id;
  host.advance(4s);
  EXPECT_TRUE(answers.empty());
  host.advance(2s);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].status, PICKET_TIMEOUT);
  EXPECT_FALSE(host.answer_call(id, PICKET_OK, "late")) << "answered once";
  EXPECT_EQ(answers.size(), 1U);
}

TEST_F(CallTest, a_call_without_a_timeout_gets_the_hosts) {
  const Call open = call(0s);
  EXPECT_EQ(host.calls()[0].timeout_ns, 30'000'000'000);
}

TEST_F(CallTest, destroying_a_call_cancels_it) {
  { const Call open = call(); }
  EXPECT_TRUE(host.calls().empty());
  Call replaced = call();
  replaced = Call();
  EXPECT_TRUE(host.calls().empty());
  host.advance(1min);
  EXPECT_TRUE(answers.empty());
}

TEST_F(CallTest, too_many_open_calls_are_an_error) {
  std::vector<Call> open;
  open.reserve(1'024);
  for (int i = 0; i < 1'024; ++i) open.push_back(call());
  EXPECT_THROW(static_cast<void>(call()), Failure);
  open.clear();
  EXPECT_NO_THROW(static_cast<void>(call()));
}

}  // namespace
}  // namespace picket::testing
