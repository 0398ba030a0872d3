// SPDX-License-Identifier: Apache-2.0
#include "platform/child_process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/atomic_file.hpp"
#include "platform/clock.hpp"
#include "temporary_directory.hpp"

namespace picket::platform {
namespace {

using testing::HasSubstr;

class ChildProcess : public testing::Test {
 protected:
  Result<ChildEnd> shell(const std::string& script, std::int64_t timeout_ns = 60 * kSecond) {
    return run_child({"/bin/sh", {"-c", script}, output()}, timeout_ns);
  }
  std::filesystem::path output() const { return folder_.path() / "output"; }
  std::string printed() const { return read_whole_file(output(), 1U << 20U).value(); }

  TemporaryDirectory folder_;
};

TEST_F(ChildProcess, tells_the_exit_code_and_keeps_what_was_printed) {
  const auto end = shell("echo out; echo err >&2; cat; exit 7");
  ASSERT_TRUE(end.ok()) << end.error().message;
  EXPECT_EQ(end->kind, ChildEnd::Kind::exited);
  EXPECT_EQ(end->code, 7);
  EXPECT_EQ(printed(), "out\nerr\n");
}

TEST_F(ChildProcess, passes_arguments_as_they_are) {
  const std::vector<std::string> arguments = {"-c", "printf '%s|' \"$@\"", "sh", "a b", "", "\"quoted\\\"", "'", "$x"};
  ASSERT_TRUE(run_child({"/bin/sh", arguments, output()}, 60 * kSecond).ok());
  EXPECT_EQ(printed(), "a b||\"quoted\\\"|'|$x|");
}

TEST_F(ChildProcess, tells_a_crash_and_names_its_signal) {
  const auto end = shell("kill -ABRT $$");
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(end->kind, ChildEnd::Kind::crashed);
  EXPECT_THAT(describe_crash(end->code), HasSubstr("SIGABRT"));
}

TEST_F(ChildProcess, ends_what_takes_too_long_and_everything_that_it_started) {
  const auto end = shell("sleep 3600 & echo $!; trap '' TERM; sleep 3600; sleep 3600", 500 * kMillisecond);
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(end->kind, ChildEnd::Kind::timed_out);
  // The grandchild was killed; it may be there as a zombie until somebody reaps it.
  const std::string id = printed().substr(0, printed().find('\n'));
  const auto state = shell("grep -c '^State:.[RSD]' /proc/" + id + "/status || true");
  ASSERT_TRUE(state.ok());
  EXPECT_THAT(printed(), testing::AnyOf(HasSubstr("0\n"), HasSubstr("No such file")));
}

TEST_F(ChildProcess, a_program_that_is_not_there_is_an_error) {
  const auto end = run_child({"/no/such/program", {}, output()}, kSecond);
  ASSERT_FALSE(end.ok());
  EXPECT_THAT(end.error().message, HasSubstr("/no/such/program"));
}

}  // namespace
}  // namespace picket::platform
