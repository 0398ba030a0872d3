// SPDX-License-Identifier: Apache-2.0
//
// Destinations that call commands.
#include "config/model_diff.hpp"
#include "config/print.hpp"
#include "fixture.hpp"

namespace picket::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class CommandCalls : public ConfigTest {
 protected:
  CommandCalls() {
    input.daemon_commands = {"flush", "status"};
    input.check_template = [](std::string_view text) -> std::optional<FilterError> {
      const auto at = text.find("{bad");
      if (at == std::string_view::npos) return std::nullopt;
      return FilterError{"a mistake", at + 1};
    };
  }
  Loaded with_to(const std::string& to) {
    return load_text("instances: {a: {type: meter}, b: {type: store}}\nroutes:\n  r:\n    from: a\n    to: " + to +
                     "\n");
  }
  std::vector<std::string> errors_of(const std::string& to) { return errors(with_to(to).diagnostics); }
};

TEST_F(CommandCalls, read_with_defaults) {
  const Loaded loaded = with_to("{instance: b, command: restart}");
  ASSERT_TRUE(loaded.model) << loaded.diagnostics.render();
  const Destination& to = loaded.model->routes.at("r").to.at(0);
  ASSERT_TRUE(to.call);
  EXPECT_EQ(*to.call, (CommandCall{.command = "restart"}));
  EXPECT_EQ(to.label(), "b.restart");
  EXPECT_EQ(to.queue.events, 1'000U);
  EXPECT_EQ(to.queue.on_full, OnFull::drop_oldest);
}

TEST_F(CommandCalls, read_as_written) {
  const Loaded loaded = with_to(
      "{instance: picket, command: flush, args: {a: '{x}', b: [1, {c: null}], d: '5'}, limit: {count: 5, per: 2m}, "
      "timeout: 3s, retry_for: 0s, parallel: 4, queue: {events: 7}, on_full: block}");
  ASSERT_TRUE(loaded.model) << loaded.diagnostics.render();
  const Destination& to = loaded.model->routes.at("r").to.at(0);
  EXPECT_EQ(to.call->args, R"({"a":"{x}","b":[1,{"c":null}],"d":"5"})");
  EXPECT_EQ(to.call->limit_count, 5U);
  EXPECT_EQ(to.call->limit_per_ns, 120'000'000'000);
  EXPECT_EQ(to.call->timeout_ns, 3'000'000'000);
  EXPECT_EQ(to.call->retry_for_ns, 0);
  EXPECT_EQ(to.call->parallel, 4U);
  EXPECT_EQ(to.queue.events, 7U);
  EXPECT_EQ(to.queue.on_full, OnFull::block);
}

TEST_F(CommandCalls, what_is_printed_reads_back_to_the_same) {
  const std::string to = "{instance: b, command: restart, args: {a: '{x}', n: 1}, limit: {count: 2}, timeout: 1s}";
  const Loaded loaded = with_to(to);
  ASSERT_TRUE(loaded.model) << loaded.diagnostics.render();
  const Loaded again = load_text(print_yaml(*loaded.model));
  ASSERT_TRUE(again.model) << again.diagnostics.render();
  EXPECT_TRUE(same_meaning(loaded.model->routes.at("r"), again.model->routes.at("r"))) << print_yaml(*loaded.model);
}

TEST_F(CommandCalls, another_argument_is_a_change) {
  const Loaded one = with_to("{instance: b, command: restart, args: {a: 1}}");
  const Loaded two = with_to("{instance: b, command: restart, args: {a: 2}}");
  EXPECT_FALSE(same_meaning(one.model->routes.at("r"), two.model->routes.at("r")));
}

TEST_F(CommandCalls, two_commands_of_one_instance_are_two_destinations) {
  EXPECT_THAT(errors_of("[b, {instance: b, command: x}, {instance: b, command: y}]"), ElementsAre());
  EXPECT_THAT(errors_of("[{instance: b, command: x}, {instance: b, command: x}]"),
              ElementsAre(HasSubstr("route `r` lists the destination `b.x` twice")));
}

TEST_F(CommandCalls, the_daemon_carries_out_its_commands_only) {
  EXPECT_THAT(errors_of("{instance: picket, command: flosh}"),
              ElementsAre("5:37: route `r`: the daemon has no command `flosh`; did you mean `flush`?"));
  EXPECT_THAT(errors_of("picket"), ElementsAre(HasSubstr("takes no events; it can carry out a command")));
  EXPECT_THAT(errors_of("{instance: nobody, command: flush}"), ElementsAre(HasSubstr("there is no instance `nobody`")));
}

TEST_F(CommandCalls, a_template_that_does_not_compile_is_pointed_at) {
  EXPECT_THAT(errors_of("{instance: b, command: x, args: {a: [1, 'see {bad}']}}"),
              ElementsAre("5:55: route `r`: a mistake"));
}

TEST_F(CommandCalls, a_template_without_quotes_is_told_from_a_mapping) {
  EXPECT_THAT(errors_of("{instance: b, command: x, args: {a: {program}}}"),
              ElementsAre(HasSubstr("quote the template: \"{program}\"")));
}

TEST_F(CommandCalls, settings_of_a_command_need_a_command) {
  EXPECT_THAT(errors_of("{instance: b, args: {}, parallel: 2}"),
              ElementsAre("5:23: route `r`: `args` belongs to a destination with a `command`",
                          "5:33: route `r`: `parallel` belongs to a destination with a `command`"));
}

TEST_F(CommandCalls, a_small_recorder_is_a_mistake) {
  EXPECT_THAT(errors(load_text("daemon: {recorder: {size: 1KiB}}\n").diagnostics),
              ElementsAre(HasSubstr("at least 64KiB")));
  const Loaded off = load_text("daemon: {recorder: {size: 0, keep: 2}}\n");
  ASSERT_TRUE(off.model) << off.diagnostics.render();
  EXPECT_EQ(off.model->daemon.recorder_bytes, 0U);
  EXPECT_EQ(off.model->daemon.recorder_keep, 2U);
}

}  // namespace
}  // namespace picket::config
