// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "settings.hpp"

namespace picket::pipe_server {
namespace {

using ::testing::HasSubstr;

std::string problem_of(const std::string& listen) {
  const auto settings = parse_settings(R"({"listen": )" + listen + "}");
  return settings.ok() ? "" : settings.error().message;
}

TEST(DoorSettings, one_listener_or_a_list) {
  const auto one = parse_settings(R"({"listen": {"path": "/a", "protocol": "syslog"}})");
  ASSERT_TRUE(one.ok());
  EXPECT_EQ(one->listen.at(0).kind, Kind::datagram);
  const auto two =
      parse_settings(R"({"listen": [{"path": "/a", "protocol": "ndjson"}, {"path": "/b", "protocol": "line",
                                   "mode": "0640", "limits": {"message": 100, "idle": 5}}]})");
  ASSERT_TRUE(two.ok());
  EXPECT_EQ(two->listen.at(0).kind, Kind::stream);
  EXPECT_EQ(two->listen.at(1).mode, 0640U);
  EXPECT_EQ(two->listen.at(1).limits.message, 100);
  EXPECT_EQ(two->listen.at(1).limits.idle_ns, 5);
}

TEST(DoorSettings, what_cannot_work_is_said_with_its_place) {
  EXPECT_THAT(problem_of(R"([{"path": "/a", "protocol": "line"}, {"path": "/a", "protocol": "line"}])"),
              HasSubstr("listen[1].path: /a is another listener's"));
  EXPECT_THAT(problem_of(R"({"path": "/a", "protocol": "message"})"), HasSubstr("listen.handler: is missing"));
  EXPECT_THAT(problem_of(R"({"path": "/a", "protocol": "line", "handler": "x"})"),
              HasSubstr("is for protocol: message"));
  EXPECT_THAT(problem_of(R"({"path": "/a", "protocol": "message", "handler": "x", "kind": "datagram"})"),
              HasSubstr("listen.kind: message answers"));
}

}  // namespace
}  // namespace picket::pipe_server
