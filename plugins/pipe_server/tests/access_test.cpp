// SPDX-License-Identifier: Apache-2.0
//
// The rules of `access`, and the globs in them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "access.hpp"

namespace picket::pipe_server {
namespace {

using ::testing::ElementsAre;

constexpr Peer kMary{54321, 54321, 7};  // a user that the system does not know

Access access_of(std::vector<AccessRule> rules, const Peer& peer = kMary) {
  Settings settings;
  settings.access = std::move(rules);
  return AccessTable(settings).of(peer);
}

TEST(Access, without_rules_everybody_reads_and_publishes_and_nobody_controls) {
  const Access access = access_of({});
  EXPECT_TRUE(access.allows(Right::read));
  EXPECT_TRUE(access.allows(Right::publish));
  EXPECT_FALSE(access.allows(Right::control, "jobs", "restart"));
  EXPECT_THAT(access.rights(), ElementsAre("read", "publish"));
}

TEST(Access, root_may_do_everything_whatever_the_rules_say) {
  const Access access = access_of({{"", "", "", {}, {"*"}}}, Peer{0, 0, 1});
  EXPECT_TRUE(access.trusted());
  EXPECT_TRUE(access.allows(Right::control, "jobs", "restart"));
}

TEST(Access, a_rule_is_for_a_user_or_a_group_by_number) {
  EXPECT_TRUE(access_of({{"54321", "", "", {"*"}, {}}}).allows(Right::control, "a", "b"));
  EXPECT_FALSE(access_of({{"54322", "", "", {"*"}, {}}}).allows(Right::control, "a", "b"));
  EXPECT_TRUE(access_of({{"", "54321", "", {"*"}, {}}}).allows(Right::control, "a", "b"));
  EXPECT_FALSE(access_of({{"", "54322", "", {"*"}, {}}}).allows(Right::control, "a", "b"));
  EXPECT_FALSE(access_of({{"", "no-such-group-here", "", {"*"}, {}}}).allows(Right::control, "a", "b"));
}

TEST(Access, a_rule_for_a_group_counts_the_further_groups_of_the_connection) {
  Settings settings;
  settings.access = {{"", "777", "", {"*"}, {}}};
  const AccessTable table(settings);
  EXPECT_TRUE(table.wants_groups());
  EXPECT_TRUE(table.of(kMary, {5, 777}).allows(Right::control, "a", "b"));
  EXPECT_FALSE(table.of(kMary, {5, 778}).allows(Right::control, "a", "b"));
  settings.access = {{"54321", "", "", {"*"}, {}}};
  EXPECT_FALSE(AccessTable(settings).wants_groups());
}

TEST(Access, a_peer_that_nobody_knows_gets_what_is_for_everyone) {
  EXPECT_FALSE(access_of({{"54321", "", "", {"*"}, {}}}, Peer{}).allows(Right::control, "a", "b"));
  EXPECT_TRUE(access_of({{"", "", "", {"*"}, {}}}, Peer{}).allows(Right::control, "a", "b"));
}

TEST(Access, a_command_glob_allows_those_commands_only) {
  const Access access = access_of({{"", "", "jobs", {"re*"}, {}}});
  EXPECT_TRUE(access.allows(Right::control, "jobs", "restart"));
  EXPECT_FALSE(access.allows(Right::control, "jobs", "stop"));
  EXPECT_FALSE(access.allows(Right::control, "other", "restart"));
  EXPECT_THAT(access.rights(), ElementsAre("read", "publish", "control"));
}

TEST(Access, the_last_rule_that_says_something_decides) {
  const Access access =
      access_of({{"", "", "", {"*"}, {}}, {"", "", "picket", {}, {"stop"}}, {"", "", "p*", {"flush"}, {}}});
  EXPECT_TRUE(access.allows(Right::control, "jobs", "stop"));
  EXPECT_FALSE(access.allows(Right::control, "picket", "stop"));
  EXPECT_TRUE(access.allows(Right::control, "picket", "flush"));
}

TEST(Access, reading_and_publishing_can_be_taken_away) {
  const Access access = access_of({{"", "", "", {}, {"publish"}}, {"", "", "secret", {}, {"read"}}});
  EXPECT_FALSE(access.allows(Right::publish));
  EXPECT_TRUE(access.allows(Right::read));
  EXPECT_FALSE(access.allows(Right::read, "secret"));
  EXPECT_THAT(access.rights(), ElementsAre("read"));
}

TEST(Glob, fits) {
  EXPECT_TRUE(glob_fits("*", ""));
  EXPECT_TRUE(glob_fits("a*c?e", "abbbcde"));
  EXPECT_FALSE(glob_fits("a*c?e", "abbbcde "));
  EXPECT_TRUE(glob_fits("**x", "aaax"));
  EXPECT_FALSE(glob_fits("?", ""));
  EXPECT_TRUE(glob_fits("*a*b", "xaab*ab"));
}

}  // namespace
}  // namespace picket::pipe_server
