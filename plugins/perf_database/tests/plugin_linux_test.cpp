// SPDX-License-Identifier: Apache-2.0
//
// A disk that goes away under a running instance, which only Linux allows.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "perf_database.hpp"
#include "picket/testing.hpp"

namespace picket::perf_database {
namespace {

using namespace std::chrono_literals;

TEST(PluginOnLinux, a_lost_directory_is_bad_health_and_busy_until_it_can_be_made_again) {
  static const picket_plugin_type kType = plugin_type<PerfDatabase>(
      {.id = "perf_database", .version = "test", .summary = "", .config_schema = kSettingsSchema, .blocks = true});
  testing::FakeHost host(&kType);
  const auto sample = [&](double value) {
    return testing::Event{.kind = "metric",
                          .source = "host",
                          .time_ns = host.wall_ns(),
                          .fields = {{"name", std::string("a")}, {"value", value}}};
  };
  ASSERT_TRUE(host.start().ok());
  EXPECT_EQ(host.health().state, PICKET_HEALTH_GOOD);
  const auto lost = host.deliver({sample(1)});
  const std::filesystem::path directory = std::filesystem::path(host.state_root()) / "history";
  std::filesystem::remove_all(directory);
  std::ofstream(directory).put('x');  // and nothing can be made in its place
  host.advance(5s);
  ASSERT_TRUE(host.done(lost.ticket).has_value());
  EXPECT_EQ(host.done(lost.ticket)->status, PICKET_BUSY) << "the route offers it again";
  EXPECT_EQ(host.health().state, PICKET_HEALTH_BAD);
  EXPECT_NE(host.health().message, "");
  EXPECT_EQ(host.deliver({sample(2)}).status, PICKET_BUSY);
  std::filesystem::remove(directory);
  host.advance(5s);
  EXPECT_EQ(host.health().state, PICKET_HEALTH_GOOD) << host.health().message;
  const auto again = host.deliver({sample(2)});
  EXPECT_EQ(again.status, PICKET_PENDING);
  host.advance(5s);
  EXPECT_EQ(host.done(again.ticket)->status, PICKET_OK);
}

}  // namespace
}  // namespace picket::perf_database
