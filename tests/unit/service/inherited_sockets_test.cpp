// SPDX-License-Identifier: Apache-2.0
#include "service/inherited_sockets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace picket::service {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> names_of(const std::map<std::string, std::string>& variables) {
  return InheritedSockets::names(
      [&](const std::string& name) {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
      },
      42);
}

TEST(InheritedSockets, are_named_in_order) {
  EXPECT_THAT(names_of({{"LISTEN_PID", "42"}, {"LISTEN_FDS", "3"}, {"LISTEN_FDNAMES", "a:b:c"}}),
              ElementsAre("a", "b", "c"));
  EXPECT_THAT(names_of({{"LISTEN_PID", "42"}, {"LISTEN_FDS", "2"}}), ElementsAre("unknown", "unknown"));
}

TEST(InheritedSockets, of_another_process_or_nonsense_are_none) {
  EXPECT_THAT(names_of({{"LISTEN_PID", "41"}, {"LISTEN_FDS", "1"}}), IsEmpty());
  EXPECT_THAT(names_of({{"LISTEN_PID", "42"}, {"LISTEN_FDS", "many"}}), IsEmpty());
  EXPECT_THAT(names_of({{"LISTEN_PID", "42"}, {"LISTEN_FDS", "999999"}}), IsEmpty());
  EXPECT_THAT(names_of({}), IsEmpty());
  EXPECT_EQ(InheritedSockets().duplicate("a", "/a"), -1);
}

}  // namespace
}  // namespace picket::service
