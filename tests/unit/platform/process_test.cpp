// SPDX-License-Identifier: Apache-2.0
#include "platform/process.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "platform/clock.hpp"
#include "platform/paths.hpp"

namespace picket::platform {
namespace {

TEST(Process, knows_itself) {
  EXPECT_TRUE(process_exists(process_id()));
  EXPECT_FALSE(process_exists(0));
  EXPECT_TRUE(executable_path().is_absolute());
  EXPECT_EQ(executable_path().stem(), "platform_test");
}

TEST(Process, resident_memory_is_that_of_a_program_and_follows_what_it_touches) {
  const std::uint64_t before = resident_bytes();
  EXPECT_GT(before, 100'000U);
  const std::vector<char> touched(32U << 20U, 'x');
  EXPECT_GT(resident_bytes(), before + touched.size() / 2);
}

TEST(Process, what_is_given_back_is_still_there_when_it_is_needed) {
  const std::vector<int> kept(100'000, 7);
  { const std::vector<char> freed(8U << 20U, 'x'); }
  const std::uint64_t before = resident_bytes();
  release_free_memory();
  EXPECT_LE(resident_bytes(), before);
  EXPECT_EQ(std::count(kept.begin(), kept.end(), 7), 100'000);
  EXPECT_EQ(std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()),
            "what_is_given_back_is_still_there_when_it_is_needed");
}

TEST(Process, an_unset_variable_is_not_an_empty_one) {
  EXPECT_EQ(environment("PICKET_NO_SUCH_VARIABLE"), std::nullopt);
  EXPECT_FALSE(environment("PATH").value_or("").empty());
}

TEST(Process, a_variable_that_was_taken_is_gone) {
  const auto before = environment("PATH");
  EXPECT_EQ(take_environment("PATH"), before);
  EXPECT_EQ(environment("PATH"), std::nullopt);
  EXPECT_EQ(take_environment("PATH"), std::nullopt);
}

TEST(Clock, monotonic_time_does_not_go_back_and_the_wall_clock_is_of_this_century) {
  const std::int64_t first = system_clock().monotonic_ns();
  EXPECT_GE(system_clock().monotonic_ns(), first);
  EXPECT_GT(system_clock().wall_ns(), 1'600'000'000 * kSecond);
}

TEST(DefaultPaths, are_all_absolute) {
  const DefaultPaths paths = default_paths();
  EXPECT_TRUE(paths.config_file.is_absolute());
  EXPECT_TRUE(paths.state_dir.is_absolute());
  EXPECT_TRUE(paths.runtime_dir.is_absolute());
  ASSERT_FALSE(paths.plugin_dirs.empty());
  for (const auto& directory : paths.plugin_dirs) EXPECT_TRUE(directory.is_absolute()) << directory;
}

TEST(DefaultPaths, a_program_in_a_build_tree_finds_the_plugins_beside_it) {
  // This test runs from <build>/bin.
  const auto expected = executable_path().parent_path().parent_path() / "plugins";
  ASSERT_TRUE(std::filesystem::is_directory(expected));
  EXPECT_EQ(default_paths().plugin_dirs.front(), expected);
}

}  // namespace
}  // namespace picket::platform
