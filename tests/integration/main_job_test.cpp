// SPDX-License-Identifier: Apache-2.0
//
// The main job, end to end: this machine's performance is collected and can be read back, while the daemon runs and
// after it.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/history.hpp"

namespace picket::integration {
namespace {

// MemTotal of /proc/meminfo, in bytes.
double memory_of_this_machine() {
  std::ifstream file("/proc/meminfo");
  std::string key;
  double kib = 0;
  while (file >> key >> kib && key != "MemTotal:") file.ignore(80, '\n');
  return kib * 1024;
}

class MainJob : public testing::Test {
 protected:
  MainJob() { site.configure(kMainJob); }

  Site site;
};

TEST_F(MainJob, what_is_collected_can_be_read_while_the_daemon_runs_and_after_it) {
  const auto daemon = site.run_until_ready();
  ASSERT_TRUE(wait_for_samples(site, "system.memory.limit", 10)) << daemon->err();
  const std::vector<Sample> before = samples(site, "system.memory.limit");
  EXPECT_EQ(stop(*daemon), 0) << daemon->err();

  const std::vector<Sample> after = samples(site, "system.memory.limit");
  ASSERT_GE(after.size(), before.size());
  EXPECT_TRUE(std::equal(before.begin(), before.end(), after.begin()));
  for (const Sample& sample : after) EXPECT_EQ(sample.value, memory_of_this_machine());
}

TEST_F(MainJob, stored_values_are_those_of_this_machine) {
  const auto daemon = site.run_until_ready();
  ASSERT_TRUE(wait_for_samples(site, "system.cpu.logical.count", 5));
  EXPECT_EQ(stop(*daemon), 0);

  const nlohmann::json answer = query(site, {"system.*", "--raw", "--last", "10m"});
  const double total = memory_of_this_machine();
  double memory = 0;
  double processor = 0;
  std::set<std::string> names;
  for (const auto& series : answer.at("series")) {
    const std::string name = series.at("name");
    names.insert(name);
    EXPECT_EQ(series.at("source"), "host");
    EXPECT_GE(series.at("min"), 0) << series;
    if (name == "system.memory.usage") memory += series.at("last").get<double>();
    if (name == "system.cpu.time") processor += series.at("last").get<double>();
    if (name.ends_with(".utilization")) {
      EXPECT_LE(series.at("max"), 1) << series;
    }
  }
  EXPECT_EQ(memory, total);  // the states part the whole
  EXPECT_GT(processor, 0);
  for (const char* name : {"system.cpu.time", "system.cpu.utilization", "system.memory.usage"}) {
    EXPECT_TRUE(names.contains(name)) << name;
  }
}

TEST_F(MainJob, samples_come_at_every_interval) {
  const auto daemon = site.run_until_ready();
  ASSERT_TRUE(wait_for_samples(site, "system.memory.shared", 12));
  EXPECT_EQ(stop(*daemon), 0);
  for (const Sample& sample : samples(site, "system.memory.shared")) {
    EXPECT_EQ(sample.time_ms % 100, 0) << "ticks are aligned to the clock";
  }
}

TEST_F(MainJob, the_tool_sqlite3_reads_the_hours_while_the_daemon_runs) {
  {
    const auto daemon = site.run_until_ready();
    ASSERT_TRUE(wait_for_samples(site, "system.memory.limit", 5));
    EXPECT_EQ(stop(*daemon), 0);
  }
  // The rows of the running hour are brought up to date at the start, then every minute.
  const auto daemon = site.run_until_ready();
  const std::string statement =
      "SELECT count > 4, minimum, maximum, unit FROM history_1h WHERE name = 'system.memory.limit'";
  const std::string total = std::to_string(static_cast<std::int64_t>(memory_of_this_machine())) + ".0";
  const std::string expected = "1|" + total + "|" + total + "|By";
  EXPECT_TRUE(wait_until([&] { return sqlite(site.history() / "meta.db", statement).starts_with(expected); }))
      << sqlite(site.history() / "meta.db", "SELECT * FROM history_1h");
  EXPECT_EQ(stop(*daemon), 0) << daemon->err();
}

TEST_F(MainJob, the_shipped_configuration_works_as_it_is) {
  site.configure(read_file(PICKET_SHIPPED_CONFIG));
  const Output checked = site.picket({"validate"});
  EXPECT_EQ(checked.exit_code, 0) << checked.err;
  EXPECT_EQ(checked.err, "");
  const auto daemon = site.run_until_ready();
  ASSERT_TRUE(wait_for_samples(site, "system.process.count", 0, "system.process.status=running"));
  EXPECT_EQ(stop(*daemon), 0) << daemon->err();
}

TEST_F(MainJob, the_daemons_own_counters_can_be_stored_like_any_other) {
  site.configure(R"(
daemon: {metrics: {interval: 100ms}}
instances:
  history: {type: perf_database, commit_interval: 100ms}
routes:
  own: {from: picket, to: history}
)");
  const auto daemon = site.run_until_ready();
  EXPECT_TRUE(wait_for_samples(site, "picket.memory.usage", 2)) << daemon->err();
  EXPECT_EQ(stop(*daemon), 0);
  EXPECT_GT(samples(site, "picket.memory.usage").back().value, 1e6);
}

}  // namespace
}  // namespace picket::integration
