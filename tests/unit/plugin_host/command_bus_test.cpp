// SPDX-License-Identifier: Apache-2.0
#include "daemon_fixture.hpp"

namespace picket::plugin_host {
namespace {

using platform::kSecond;
using ::testing::HasSubstr;

class CommandsTest : public DaemonTest {
 protected:
  CommandsTest() {
    script("target").has_commands = true;
    add(scripted("target"));
    add(scripted("caller"));
    start();
  }

  struct Reply {
    int count = 0;
    picket_status status = PICKET_OK;
    std::string text;
  };

  picket_call call(const std::string& instance, const std::string& command, const std::string& args, Reply& reply,
                   std::int64_t timeout = 0) {
    return daemon_->core().commands.call(instance, command, args, timeout,
                                         [&reply](picket_status status, std::string text) {
                                           ++reply.count;
                                           reply.status = status;
                                           reply.text = std::move(text);
                                         });
  }
};

TEST_F(CommandsTest, a_call_reaches_the_instance_and_its_reply_comes_back_once) {
  Reply reply;
  call("target", "echo", R"({"text": "hi"})", reply);
  executor_->run_for(60 * kSecond);
  EXPECT_EQ(reply.count, 1);
  EXPECT_EQ(reply.status, PICKET_OK);
  EXPECT_EQ(reply.text, R"({"text": "hi"})");
}

TEST_F(CommandsTest, what_does_not_exist_is_named_with_what_does) {
  Reply reply;
  call("nobody", "echo", "", reply);
  EXPECT_EQ(reply.status, PICKET_NOT_FOUND);
  EXPECT_THAT(reply.text, HasSubstr("nobody"));
  call("target", "ekko", "", reply);
  EXPECT_THAT(reply.text, HasSubstr("it has: echo, silent, failing"));
}

TEST_F(CommandsTest, an_argument_that_breaks_the_schema_never_reaches_the_plugin) {
  Reply reply;
  call("target", "echo", "{}", reply);
  executor_->run_ready();
  EXPECT_EQ(reply.status, PICKET_INVALID);
  EXPECT_THAT(reply.text, HasSubstr("`text` is missing"));
  EXPECT_TRUE(script("target").executed.empty());
}

TEST_F(CommandsTest, a_call_that_is_never_answered_times_out_and_is_abandoned) {
  Reply reply;
  call("target", "silent", "", reply, 2 * kSecond);
  executor_->run_for(kSecond);
  EXPECT_EQ(reply.count, 0);
  executor_->run_for(kSecond);
  EXPECT_EQ(reply.count, 1);
  EXPECT_EQ(reply.status, PICKET_TIMEOUT);
  EXPECT_EQ(script("target").abandoned, 1);
}

TEST_F(CommandsTest, a_time_limit_of_centuries_is_not_over_at_once) {
  Reply reply;
  call("target", "silent", "", reply, INT64_MAX);
  executor_->run_for(3'600 * kSecond);
  EXPECT_EQ(reply.count, 0);
}

TEST_F(CommandsTest, a_cancelled_call_is_never_answered) {
  Reply reply;
  const picket_call id = call("target", "silent", "", reply);
  executor_->run_ready();
  EXPECT_TRUE(daemon_->core().commands.cancel(id));
  EXPECT_FALSE(daemon_->core().commands.cancel(id));
  executor_->run_for(60 * kSecond);
  EXPECT_EQ(reply.count, 0);
  EXPECT_EQ(script("target").abandoned, 1);
}

TEST_F(CommandsTest, a_failure_of_execute_is_the_reply) {
  Reply reply;
  call("target", "failing", "", reply);
  executor_->run_ready();
  EXPECT_EQ(reply.status, PICKET_FAILED);
  EXPECT_EQ(reply.text, "told to fail");
}

TEST_F(CommandsTest, too_many_open_calls_are_refused) {
  static Reply reply;  // outlives the calls, which end with the daemon
  for (std::size_t i = 0; i < CommandBus::kMaxOpen; ++i) ASSERT_NE(call("target", "silent", "", reply), 0U);
  EXPECT_EQ(call("target", "silent", "", reply), 0U);
  EXPECT_EQ(reply.count, 0);
}

TEST_F(CommandsTest, a_plugin_calls_another_instance_and_hears_the_reply_in_control) {
  const picket_host* host = script("caller").host;
  const auto* commands = static_cast<const picket_host_commands*>(host->extension(host->self, PICKET_EXT_COMMANDS));
  static std::vector<std::string> replies;
  replies.clear();
  const auto text = [](const char* chars) { return picket_str_of(chars, std::string_view(chars).size()); };
  const auto remember = [](void*, picket_status, picket_str json) { replies.emplace_back(json.data, json.length); };
  EXPECT_NE(commands->call(host->self, text("target"), text("echo"), text(R"({"text": "x"})"), 0, remember, nullptr),
            0U);
  EXPECT_NE(commands->call(host->self, text("nobody"), text("echo"), text(""), 0, remember, nullptr), 0U);
  const picket_call silent = commands->call(host->self, text("target"), text("silent"), text(""), 0, remember, nullptr);
  executor_->run_ready();
  ASSERT_EQ(replies.size(), 2U);
  commands->cancel_call(host->self, silent);
  executor_->run_for(60 * kSecond);
  EXPECT_EQ(replies.size(), 2U);
}

TEST_F(CommandsTest, the_daemon_is_the_instance_picket) {
  Reply reply;
  call("picket", "status", "", reply);
  executor_->run_ready();
  EXPECT_THAT(reply.text, HasSubstr(R"("name":"target")"));
  next_.model = model_;
  call("picket", "reload", "", reply);
  executor_->run_ready();
  EXPECT_THAT(reply.text, ::testing::StartsWith(R"({"generation":2,"hash":")"));
  call("picket", "stop", "", reply);
  executor_->run_ready();
  EXPECT_EQ(stop_requests_, 1);
  EXPECT_TRUE(daemon_->core().commands.list().contains("picket"));
  EXPECT_TRUE(daemon_->core().commands.list().contains("target"));
}

TEST_F(CommandsTest, a_subscription_of_a_plugin_sees_events_and_ends_with_the_plugin) {
  const picket_host* host = script("caller").host;
  const auto* subscribe = static_cast<const picket_subscribe*>(host->extension(host->self, PICKET_EXT_SUBSCRIBE));
  static int seen;
  seen = 0;
  picket_subscription_spec spec{};
  spec.size = sizeof spec;
  spec.filter = picket_str_of("value > 1", 9);
  picket_error error{};
  const auto watch = [](void*, const picket_batch*, const std::uint32_t*, std::uint32_t count, std::uint64_t) {
    seen += static_cast<int>(count);
  };
  ASSERT_NE(subscribe->subscribe(host->self, &spec, watch, nullptr, &error), 0U) << error.message;
  emit_value(script("target").host, 1);
  emit_value(script("target").host, 2);
  executor_->run_ready();
  EXPECT_EQ(seen, 1);
  spec.filter = picket_str_of("value >", 7);
  EXPECT_EQ(subscribe->subscribe(host->self, &spec, watch, nullptr, &error), 0U);
  EXPECT_THAT(error.message, HasSubstr("character"));
  spec.filter = {};
  spec.from = picket_str_of("target,nobody", 13);
  EXPECT_EQ(subscribe->subscribe(host->self, &spec, watch, nullptr, &error), 0U);
  EXPECT_THAT(error.message, HasSubstr("nobody"));
  model_.instances.erase("caller");
  ASSERT_TRUE(reload().ok());
  emit_value(script("target").host, 3);
  executor_->run_ready();
  EXPECT_EQ(seen, 1);
}

TEST_F(CommandsTest, thread_tags_are_known_inside_calls_and_only_there) {
  static std::uint32_t in_control;
  static std::uint32_t in_deliver;
  const picket_host* host = script("caller").host;
  const auto* check = static_cast<const picket_thread_check*>(host->extension(host->self, PICKET_EXT_THREAD_CHECK));
  EXPECT_EQ(check->in_control(host->self), 0U);
  picket_timer_spec soon{};
  soon.size = sizeof soon;
  host->schedule(
      host->self, &soon,
      [](void* context, const picket_tick*) {
        const auto* self = static_cast<const picket_host*>(context);
        const auto* table =
            static_cast<const picket_thread_check*>(self->extension(self->self, PICKET_EXT_THREAD_CHECK));
        in_control = table->in_control(self->self);
        in_deliver = table->in_deliver(self->self);
      },
      const_cast<picket_host*>(host));
  executor_->run_ready();
  EXPECT_EQ(in_control, 1U);
  EXPECT_EQ(in_deliver, 0U);
  EXPECT_EQ(host->extension(host->self, "picket.nothing/9"), nullptr);
}

}  // namespace
}  // namespace picket::plugin_host
