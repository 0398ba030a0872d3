// SPDX-License-Identifier: Apache-2.0
//
// The SQLite extension in the tool sqlite3, on the history of a running daemon: each question of the README is asked as
// it stands there, and its answer is held against what plugins/past_days.cpp told and what this machine is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <nlohmann/json.hpp>

#include "harness/history.hpp"

namespace picket::integration {
namespace {

using nlohmann::json;

constexpr const char* kWithPast = R"(
instances:
  past: {type: past_days}
  history: {type: perf_database, commit_interval: 100ms}
routes:
  past-to-history: {from: past, to: history}
)";
constexpr const char* kWithPresent = R"(
instances:
  host: {type: perf_collector, interval: 100ms, groups: {memory: {}}}
  history: {type: perf_database, commit_interval: 100ms}
routes:
  perf-to-history: {from: host, to: history}
)";
// Sealing two days takes some fifty commits to the device.
constexpr std::chrono::seconds kSealing{90};
constexpr const char* kExtension = PICKET_HISTORY_EXTENSION;
constexpr int kHour = 3'600;

// What sqlite3 answers with the extension loaded; an error is a failure of the test.
json ask(const std::string& extension, const std::filesystem::path& database, const std::string& sql) {
  const Output output =
      run_to_end({"sqlite3", "-batch", "-bail", "-json", "-cmd", ".load " + extension, database.string(), sql});
  EXPECT_EQ(output.exit_code, 0) << output.err << sql;
  EXPECT_EQ(output.err, "") << sql;
  return output.out.empty() ? json::array() : json::parse(output.out);
}

// The SQL below "N. **Title**" in the README, by N.
std::map<int, std::string> questions() {
  std::istringstream text(read_file(PICKET_DATABASE_README));
  std::map<int, std::string> found;
  std::string line;
  int number = 0;
  bool in_sql = false;
  while (std::getline(text, line)) {
    if (line.starts_with("```")) {
      in_sql = number != 0 && line == "```sql";
      if (!in_sql) number = 0;
    } else if (in_sql) {
      found[number] += line + "\n";
    } else if (const std::size_t dot = line.find(". **"); dot != std::string::npos && dot > 0 && dot < 3) {
      number = std::stoi(line);
    }
  }
  return found;
}

class Extension : public ::testing::Test {
 public:
  // A daemon with two days behind it. Its second start brings the rows of the hours up to date.
  void start_with_a_past() {
    site.add_plugins(fixture_folder());
    site.configure(kWithPast);
    daemon = site.run_until_ready();
    ASSERT_TRUE(wait_until([&] { return all_is_told(); })) << daemon->err();
    ASSERT_EQ(stop(*daemon), 0) << daemon->err();
    // By what was told, lest the clock enters another hour meanwhile.
    now = ask(kExtension, meta(), "SELECT max(time) AS newest FROM history('system.network.io')").at(0).at("newest");
    site.configure(kWithPresent);
    daemon = site.run_until_ready();
    ASSERT_TRUE(wait_until(
        [&] { return ask(kExtension, meta(), "SELECT count(*) AS n FROM history_1h").at(0).at("n") > 300; }, kSealing))
        << daemon->err();
  }

  std::filesystem::path meta() const { return site.history() / "meta.db"; }

  bool all_is_told() const {
    if (!std::filesystem::exists(meta())) return false;
    const json rows =
        ask(kExtension, meta(),
            "SELECT count(*) AS n FROM series s JOIN samples(s.id) WHERE s.name = 'system.cpu.utilization' "
            "AND s.attributes LIKE '%user%'");
    return rows.at(0).at("n") == 48 * 6 + 1 - 3 * 6;
  }

  // "2026-11-23 07:00:00" of that many whole hours ago.
  std::string hour_ago(int hours) const {
    const std::time_t time = now / kHour * kHour - std::time_t{hours} * kHour;
    std::tm parts{};
    gmtime_r(&time, &parts);
    char text[32];
    return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts)};
  }

  void the_busiest_hours(const json& rows) const;
  void yesterday_against_today(const json& rows) const;
  void the_interfaces_with_most_bytes(const json& rows) const;
  void the_95th_percentile(const json& rows) const;
  void when_the_disk_is_full(const json& rows) const;
  void gaps(const json& rows) const;
  void the_rate_of_a_counter(const json& rows) const;
  void whether_two_metrics_go_together(const json& rows) const;
  void memory_by_the_hour_of_the_day(const json& rows) const;
  void what_happened_around_an_event(const json& rows) const;

  Site site;
  std::unique_ptr<Process> daemon;
  std::time_t now = 0;
};

void Extension::the_busiest_hours(const json& rows) const {
  ASSERT_EQ(rows.size(), 5U);
  EXPECT_THAT((std::set<std::string>{rows.at(0).at("hour"), rows.at(1).at("hour")}),
              ::testing::UnorderedElementsAre(hour_ago(20), hour_ago(19)));
  EXPECT_EQ(rows.at(0).at("percent"), 90);
  EXPECT_EQ(rows.at(4).at("percent"), 20);
}

void Extension::yesterday_against_today(const json& rows) const {
  EXPECT_GE(rows.size(), 20U) << "of 25, and three with a gap";
  EXPECT_GT(rows.back().at("hour").get<std::string>(), hour_ago(2));
  for (const json& row : rows) {
    for (const char* const day : {"yesterday", "today"}) {
      EXPECT_TRUE(row.at(day) == 20 || row.at(day) == 90) << row;
    }
  }
}

void Extension::the_interfaces_with_most_bytes(const json& rows) const {
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows.at(0).at("interface"), "eth0");
  EXPECT_EQ(rows.at(0).at("direction"), "receive");
  // The hours at both ends of the day are not whole: how much of them counts depends on when the test runs.
  EXPECT_NEAR(rows.at(0).at("megabytes"), 82, 8) << "a thousand bytes a second, in spite of the restart";
  EXPECT_NEAR(rows.at(1).at("megabytes"), 41, 4);
  EXPECT_NEAR(rows.at(3).at("megabytes"), 0.82, 0.08);
}

void Extension::the_95th_percentile(const json& rows) const {
  EXPECT_EQ(rows.at(0).at("percentile_95"), 0.9) << "busy for two hours of a day";
}

void Extension::when_the_disk_is_full(const json& rows) const {
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows.at(0).at("mountpoint"), "/data");
  EXPECT_NEAR(rows.at(0).at("gigabytes_a_day"), 24, 0.5);
  EXPECT_NEAR(rows.at(0).at("full_in_days"), 2, 0.1);
}

void Extension::gaps(const json& rows) const {
  bool found = false;
  for (const json& row : rows) {
    EXPECT_NEAR(row.at("minutes"), 190, 0.1) << row;
    EXPECT_EQ(row.at("until"), hour_ago(27));
    found = found || row.at("name") == "system.cpu.utilization";
  }
  EXPECT_TRUE(found);
}

void Extension::the_rate_of_a_counter(const json& rows) const {
  EXPECT_GE(rows.size(), 3U);
  for (const json& row : rows) {
    const std::string interface = row.at("interface");
    const double expected = interface == "lo" ? 10 : row.at("direction") == "receive" ? 1'000 : 500;
    EXPECT_NEAR(row.at("bytes_a_second"), expected, 1) << row;
  }
}

void Extension::whether_two_metrics_go_together(const json& rows) const {
  const json& row = rows.at(0);
  EXPECT_GT(row.at("minutes"), 100);
  EXPECT_NEAR(row.at("correlation"), 1, 1e-6) << "the load is four times the other";
}

void Extension::memory_by_the_hour_of_the_day(const json& rows) const {
  EXPECT_GE(rows.size(), 21U);
  const int this_hour = static_cast<int>(now / kHour % 24);
  for (const json& row : rows) {
    const int hour = std::stoi(row.at("hour").get<std::string>());
    // This machine's own memory is also in the hour that runs, and perhaps in the next.
    if (hour == this_hour || hour == (this_hour + 1) % 24) continue;
    EXPECT_EQ(row.at("mean_gigabytes"), hour + 1) << row;
  }
}

void Extension::what_happened_around_an_event(const json& rows) const {
  ASSERT_EQ(rows.size(), 1U) << rows;
  EXPECT_EQ(rows.at(0).at("at"), hour_ago(20));
  EXPECT_EQ(rows.at(0).at("message"), "busy");
  EXPECT_EQ(rows.at(0).at("name"), "system.cpu.load_average.1m");
  EXPECT_EQ(rows.at(0).at("before"), 0.8);
  EXPECT_EQ(rows.at(0).at("after"), 3.6);
}

TEST_F(Extension, answers_the_ten_questions_of_the_readme_beside_a_running_daemon) {
  start_with_a_past();
  using Check = void (Extension::*)(const json&) const;
  const Check checks[] = {&Extension::the_busiest_hours,
                          &Extension::yesterday_against_today,
                          &Extension::the_interfaces_with_most_bytes,
                          &Extension::the_95th_percentile,
                          &Extension::when_the_disk_is_full,
                          &Extension::gaps,
                          &Extension::the_rate_of_a_counter,
                          &Extension::whether_two_metrics_go_together,
                          &Extension::memory_by_the_hour_of_the_day,
                          &Extension::what_happened_around_an_event};
  const std::map<int, std::string> all = questions();
  ASSERT_EQ(all.size(), std::size(checks));
  for (const auto& [number, sql] : all) {
    SCOPED_TRACE("question " + std::to_string(number));
    const json rows = ask(kExtension, meta(), sql);
    ASSERT_FALSE(rows.empty());
    (this->*checks[number - 1])(rows);
  }
  EXPECT_EQ(stop(*daemon), 0) << daemon->err();
}

TEST_F(Extension, what_the_daemon_measures_now_is_there_within_seconds) {
  site.configure(kMainJob);
  daemon = site.run_until_ready();
  ASSERT_TRUE(wait_for_samples(site, kSteadySeries, 1)) << daemon->err();
  const auto newest = [&] {
    const json rows =
        ask(kExtension, meta(),
            "SELECT max(time_ns) AS newest, count(DISTINCT value) AS sizes FROM series s JOIN samples(s.id, "
            "unixepoch() - 600) WHERE s.name = 'system.memory.limit'");
    EXPECT_EQ(rows.at(0).at("sizes"), 1) << "the size of this machine's memory";
    return rows.at(0).at("newest").get<std::int64_t>();
  };
  const std::int64_t before = newest();
  EXPECT_TRUE(wait_until([&] { return newest() > before; })) << daemon->err();
  EXPECT_EQ(stop(*daemon), 0) << daemon->err();
}

TEST_F(Extension, an_error_is_shown_as_one_of_sql) {
  const Output output = run_to_end({"sqlite3", "-batch", "-cmd", std::string(".load ") + kExtension,
                                    ":memory:", "SELECT * FROM samples(1, 0, 9, '/no/history')"});
  EXPECT_NE(output.exit_code, 0);
  EXPECT_THAT(output.err, ::testing::HasSubstr("/no/history: there is no history here"));
}

TEST_F(Extension, the_installed_file_loads) {
  const std::filesystem::path prefix = site.directory() / "prefix";
  const Output installed = run_to_end(
      {PICKET_CMAKE, "--install", PICKET_BUILD_FOLDER, "--component", "sqlite_extension", "--prefix", prefix.string()});
  ASSERT_EQ(installed.exit_code, 0) << installed.out << installed.err;
  const Output output =
      run_to_end({"sqlite3", "-batch", "-cmd", ".load " + (prefix / "lib/picket/sqlite/picket_history").string(),
                  ":memory:", "SELECT name FROM pragma_module_list WHERE name IN ('samples', 'buckets', 'history')"});
  EXPECT_EQ(count_of(output.out, "\n"), 3) << output.out << output.err;
}

}  // namespace
}  // namespace picket::integration
