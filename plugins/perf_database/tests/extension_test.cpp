// SPDX-License-Identifier: Apache-2.0
//
// The SQLite extension, loaded as a program loads it: what its tables answer, and what they say of questions that they
// cannot answer.
#include <sqlite3.h>

#include <cmath>

#include "picket/host.h"
#include "store_fixture.hpp"

namespace picket::perf_database {
namespace {

// Rows of texts: columns parted by `|`, NULL is empty.
struct Answer {
  std::vector<std::string> rows;
  std::string error;
};

class ExtensionTest : public StoreTest {
 protected:
  ~ExtensionTest() override { sqlite3_close(connection_); }

  // Opens a file (or ":memory:") and loads the extension.
  void connect(const std::filesystem::path& file) {
    sqlite3_close(connection_);
    ASSERT_EQ(sqlite3_open(path_text(file).c_str(), &connection_), SQLITE_OK);
    int enabled = 0;
    ASSERT_EQ(sqlite3_db_config(connection_, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, &enabled), SQLITE_OK);
    char* error = nullptr;
    ASSERT_EQ(sqlite3_load_extension(connection_, PICKET_HISTORY_EXTENSION, nullptr, &error), SQLITE_OK) << error;
  }

  void connect() { connect(settings_.directory / kMetaFile); }

  Answer ask(const std::string& sql) {
    Answer answer;
    sqlite3_stmt* statement = nullptr;
    int code = sqlite3_prepare_v2(connection_, sql.c_str(), -1, &statement, nullptr);
    while (code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) answer.rows.push_back(row_of(statement));
    if (code == SQLITE_OK) code = sqlite3_reset(statement);
    if (code != SQLITE_OK) answer.error = sqlite3_errmsg(connection_);
    sqlite3_finalize(statement);
    return answer;
  }

  std::vector<std::string> rows(const std::string& sql) {
    const Answer answer = ask(sql);
    EXPECT_EQ(answer.error, "") << sql;
    return answer.rows;
  }

  // The first column of the first row.
  std::string one(const std::string& sql) {
    const std::vector<std::string> found = rows(sql);
    return found.empty() ? "no row" : found.front();
  }

  static std::string row_of(sqlite3_stmt* statement) {
    std::string row;
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
      row += (i == 0 ? "" : "|") + std::string(text == nullptr ? "" : text);
    }
    return row;
  }

  // A series of its own kind.
  SeriesId id_of(const std::string& name, std::uint32_t instrument) {
    SeriesInfo described = info(name);
    described.instrument = instrument;
    return *store_->resolve(described);
  }

  bool put_value(SeriesId series, std::int64_t time_ns, double value) {
    const Tick tick{time_ns, {{series, value}}};
    return store_->append(store_->epoch(), std::span(&tick, 1)).ok();
  }

  static std::string seconds(std::int64_t time_ns) { return std::to_string(time_ns / kSecond); }

  sqlite3* connection_ = nullptr;
};

TEST_F(ExtensionTest, samples_of_hot_and_sealed_hours_are_rows) {
  open();
  fill("a", kStart + 150 * kMinute, 10 * kMinute);
  maintain();
  ASSERT_FALSE(files("raw-").empty());
  ASSERT_FALSE(files("hot-").empty());
  connect();
  const std::string a = std::to_string(id("a"));
  const std::vector<std::string> found = rows("SELECT series, time_ns, value FROM samples(" + a + ")");
  ASSERT_EQ(found.size(), 15U);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const std::int64_t time = kStart + static_cast<std::int64_t>(i) * 10 * kMinute;
    EXPECT_TRUE(found[i].starts_with(a + "|" + std::to_string(time) + "|")) << found[i];
    EXPECT_EQ(std::stod(found[i].substr(found[i].rfind('|') + 1)), value_at(time));
  }
  EXPECT_EQ(one("SELECT typeof(time), time FROM samples(" + a + ")"), "real|" + seconds(kStart) + ".0");
}

TEST_F(ExtensionTest, a_range_is_given_by_arguments_or_by_where_and_both_agree) {
  open();
  fill("a", kStart + 5 * kHour);
  maintain();
  connect();
  const std::string a = std::to_string(id("a"));
  const std::string from = seconds(kStart + 90 * kMinute);
  const std::string to = seconds(kStart + 200 * kMinute);
  const auto expected = rows("SELECT time_ns FROM samples(" + a + ", " + from + ", " + to + ")");
  ASSERT_EQ(expected.size(), 110U);
  for (const std::string& where :
       {"series = " + a + " AND time >= " + from + " AND time < " + to,
        "series = " + a + " AND time >= " + from + ".0 AND time <= " + to + " - 1",
        "series = " + a + " AND time BETWEEN " + from + " AND " + to + " AND time <> " + to,
        "series = " + a + " AND time_ns >= " + from + "000000000 AND time_ns < " + to + "000000000",
        "series = " + a + " AND time > " + from + " - 0.001 AND time < " + to,
        "wanted = " + a + " AND from_time = " + from + " AND to_time = " + to,
        "series IN (" + a + ", 999) AND time >= '" + from + "' AND time < " + to}) {
    EXPECT_EQ(rows("SELECT time_ns FROM samples WHERE " + where), expected) << where;
  }
  EXPECT_EQ(rows("SELECT 1 FROM samples WHERE series = " + a + " AND time = " + from).size(), 1U);
  EXPECT_EQ(rows("SELECT 1 FROM samples(" + a + ") WHERE time > NULL").size(), 0U);
  EXPECT_EQ(rows("SELECT 1 FROM samples(" + a + ", " + to + ", " + from + ")").size(), 0U);
  EXPECT_EQ(rows("SELECT 1 FROM samples(" + a + ", NULL, " + from + ")").size(), 90U);
}

TEST_F(ExtensionTest, a_range_is_pushed_down_and_not_just_filtered) {
  open();
  connect();
  const std::string plan = one("EXPLAIN QUERY PLAN SELECT * FROM samples WHERE series = 1 AND time >= 5 AND time < 9");
  EXPECT_NE(plan.find("A=BgB<"), std::string::npos) << plan;
  EXPECT_EQ(one("EXPLAIN QUERY PLAN SELECT * FROM history ORDER BY time").find("B-TREE"), std::string::npos);
  EXPECT_EQ(rows("EXPLAIN QUERY PLAN SELECT * FROM history ORDER BY time").size(), 1U) << "rows come in that order";
  EXPECT_EQ(rows("EXPLAIN QUERY PLAN SELECT * FROM history ORDER BY time DESC").size(), 2U);
}

TEST_F(ExtensionTest, terms_that_or_combines_give_each_row_once) {
  open();
  fill("a", kStart + 60 * kMinute);
  now_ = kStart;
  fill("b", kStart + 60 * kMinute);
  connect();
  const std::string a = std::to_string(id("a"));
  const std::string b = std::to_string(id("b"));
  const std::string middle = seconds(kStart + 30 * kMinute);
  EXPECT_EQ(one("SELECT count(*) FROM samples WHERE (series = " + a + " AND time < " + middle + ") OR (series = " + b +
                " AND time >= " + middle + ") OR (series = " + b + " AND time > " + middle + ")"),
            "60");
}

TEST_F(ExtensionTest, buckets_agree_with_the_samples_behind_them) {
  open();
  fill("a", kStart + kDay + 5 * kHour, 21 * kMinute);
  maintain();
  connect();
  const std::string a = std::to_string(id("a"));
  for (const std::string step : {"60", "1260", "1800", "3600", "86400", "172800"}) {
    EXPECT_EQ(
        rows("SELECT time, count, minimum, maximum, round(mean, 9) FROM buckets(" + a + ", NULL, NULL, " + step + ")"),
        rows("SELECT CAST(time AS INTEGER) / " + step + " * " + step +
             " AS t, count(*), min(value), max(value), round(avg(value), 9) FROM samples(" + a +
             ") GROUP BY t ORDER BY t"))
        << step;
  }
  EXPECT_EQ(one("SELECT time_ns, typeof(time) FROM buckets(" + a + ", NULL, NULL, 0.5)"),
            std::to_string(kStart) + "|real");
  EXPECT_EQ(one("SELECT count(*) FROM buckets(" + a + ", NULL, NULL, 0)"),
            one("SELECT count(*) FROM samples(" + a + ")"));
  EXPECT_EQ(one("SELECT step IS NULL, count(*) FROM buckets(" + a + ")"),
            one("SELECT 1, count(*) FROM buckets(" + a + ", NULL, NULL, 60)"));
}

TEST_F(ExtensionTest, where_cuts_no_bucket_into_pieces) {
  open();
  fill("a", kStart + 5 * kHour);
  connect();
  const std::string a = std::to_string(id("a"));
  const std::string from = seconds(kStart + 90 * kMinute);
  const std::string to = seconds(kStart + 200 * kMinute);
  EXPECT_EQ(rows("SELECT (time - " + seconds(kStart) + ") / 3600, count FROM buckets WHERE series = " + a +
                 " AND step = 3600 AND time > " + from + " AND time < " + to),
            (std::vector<std::string>{"2|60", "3|60"}));
  EXPECT_EQ(rows("SELECT (time - " + seconds(kStart) + ") / 3600, count FROM buckets(" + a + ", " + from + ", " + to +
                 ", 3600)"),
            (std::vector<std::string>{"1|30", "2|60", "3|20"}))
      << "the arguments are about samples";
}

TEST_F(ExtensionTest, history_gives_many_series_with_their_names_ordered_by_time) {
  open();
  for (; now_ < kStart + 3 * kHour; now_ += kMinute) {
    ASSERT_TRUE(put({{"cpu.user", value_at(now_)}, {"cpu.system", 1}, {"memory", 2}}));
  }
  maintain();
  connect();
  const auto found = rows("SELECT time, name, unit, host, source, attributes, count FROM history('cpu.*', " +
                          seconds(kStart) + ", NULL, 3600)");
  ASSERT_EQ(found.size(), 6U);
  EXPECT_EQ(found[0], seconds(kStart) + "|cpu.system|By|box|host|{}|60");
  EXPECT_EQ(found[1], seconds(kStart) + "|cpu.user|By|box|host|{}|60");
  EXPECT_EQ(found[2], seconds(kStart + kHour) + "|cpu.system|By|box|host|{}|60");
  EXPECT_EQ(one("SELECT count(DISTINCT series) FROM history"), "3");
  EXPECT_EQ(one("SELECT sum(count) FROM history WHERE name = 'memory'"), "180");
  EXPECT_EQ(one("SELECT sum(count) FROM history WHERE name = 'MEMORY' COLLATE NOCASE"), "180");
  EXPECT_EQ(one("SELECT count(*) FROM history WHERE series = " + std::to_string(id("memory")) + " AND step = 0"),
            "180");
  EXPECT_EQ(rows("SELECT time, count, minimum, mean, last FROM history('cpu.user')"),
            rows("SELECT time, count, minimum, mean, last FROM buckets(" + std::to_string(id("cpu.user")) + ")"));
  EXPECT_EQ(rows("SELECT 1 FROM history('nothing.*')").size(), 0U);
}

TEST_F(ExtensionTest, the_table_series_joins_with_the_functions) {
  open();
  for (; now_ < kStart + 2 * kHour; now_ += kMinute) ASSERT_TRUE(put({{"one", 1}, {"two", 2}, {"three", 3}}));
  maintain();
  connect();
  EXPECT_EQ(rows("SELECT s.name, count(*), avg(value) FROM series s JOIN samples(s.id, " + seconds(kStart) + ", " +
                 seconds(kStart + kHour) + ") WHERE s.name GLOB 't*' GROUP BY s.name ORDER BY s.name"),
            (std::vector<std::string>{"three|60|3.0", "two|60|2.0"}));
  EXPECT_EQ(
      rows("SELECT s.name, count(*) FROM samples x JOIN series s ON x.series = s.id GROUP BY s.name ORDER BY 1").size(),
      3U);
  EXPECT_EQ(one("SELECT count(*) FROM series s JOIN buckets b ON b.series = s.id AND b.step = 3600"), "6");
}

TEST_F(ExtensionTest, rates_are_of_counters_and_survive_a_restart_from_zero) {
  open();
  const SeriesId bytes = id_of("bytes", PICKET_INSTRUMENT_COUNTER);
  const double values[] = {100, 160, 220, 30, 90};
  for (std::size_t i = 0; i < std::size(values); ++i) {
    ASSERT_TRUE(put_value(bytes, kStart + static_cast<std::int64_t>(i) * 10 * kSecond, values[i]));
  }
  ASSERT_TRUE(put({{"gauge", 1}}));
  connect();
  const std::string series = std::to_string(bytes);
  EXPECT_EQ(rows("SELECT rate FROM samples(" + series + ")"),
            (std::vector<std::string>{"", "6.0", "6.0", "3.0", "6.0"}));
  // 100..220 by 20 s, then 30..90: the peak of a bucket counts before its restart.
  EXPECT_EQ(rows("SELECT rate FROM buckets(" + series + ", NULL, NULL, 20)"),
            (std::vector<std::string>{"", "4.5", "3.0"}));
  EXPECT_EQ(one("SELECT count(rate) FROM history"), "0") << "all in one minute";
  EXPECT_EQ(one("SELECT count(rate) FROM samples(" + std::to_string(id("gauge")) + ")"), "0");
}

TEST_F(ExtensionTest, what_is_no_number_is_null) {
  open();
  ASSERT_TRUE(put({{"a", std::nan("")}}));
  now_ += kSecond;
  ASSERT_TRUE(put({{"a", 5}}));
  connect();
  const std::string a = std::to_string(id("a"));
  EXPECT_EQ(rows("SELECT value FROM samples(" + a + ") ORDER BY time"), rows("SELECT value FROM samples(" + a + ")"));
  EXPECT_EQ(one("SELECT avg(value) FROM samples(" + a + ")"), "5.0");
  EXPECT_EQ(one("SELECT count, mean FROM buckets(" + a + ")"), "1|5.0");
}

TEST_F(ExtensionTest, a_series_that_does_not_exist_has_no_rows) {
  open();
  ASSERT_TRUE(put({{"a", 1}}));
  connect();
  for (const char* const series : {"999", "0", "-1", "1.5", "1e30", "NULL"}) {
    EXPECT_EQ(rows(std::string("SELECT * FROM samples(") + series + ")").size(), 0U) << series;
    EXPECT_EQ(rows(std::string("SELECT * FROM buckets WHERE series = ") + series).size(), 0U) << series;
  }
  EXPECT_EQ(rows("SELECT * FROM samples WHERE series = 'a'").size(), 0U);
}

TEST_F(ExtensionTest, errors_say_what_to_do) {
  open();
  ASSERT_TRUE(put({{"a", 1}}));
  connect();
  const auto says = [&](const std::string& sql, const std::string& text) {
    const std::string error = ask(sql).error;
    EXPECT_NE(error.find(text), std::string::npos) << sql << ": " << error;
  };
  says("SELECT * FROM samples", "which series? Call samples(SERIES, FROM, TO)");
  says("SELECT * FROM samples('cpu')", "wanted must be the id of a series");
  says("SELECT * FROM samples(1, 'yesterday')", "from_time must be in seconds since 1970");
  says("SELECT * FROM buckets(1, 0, 'now')", "and not 'now'");
  says("SELECT * FROM buckets(1, 0, 9, -1)", "step must be 0 (every sample) or 0.001 to");
  says("SELECT * FROM buckets(1, 0, 9, 'minute')", "step must be");
  says("SELECT * FROM history('*', 0, 9, 1e-9)", "step must be");
  says("SELECT * FROM history('*', 0, 9, 1e12)", "step must be");
  says("SELECT * FROM samples(1, 0, 9, '/nowhere/at/all')", "/nowhere/at/all: there is no history here (no meta.db)");
  connect(":memory:");
  says("SELECT * FROM samples(1)", "of which history? Open (or ATTACH) its meta.db");
}

TEST_F(ExtensionTest, the_history_is_that_of_the_file_of_an_attached_one_or_of_the_directory_given) {
  open();
  fill("a", kStart + kHour);
  const std::string directory = path_text(settings_.directory);
  connect(":memory:");
  EXPECT_EQ(one("SELECT count(*) FROM samples(1, NULL, NULL, '" + directory + "')"), "60");
  EXPECT_EQ(one("SELECT count(*) FROM history('a', NULL, NULL, 60, '" + directory + "')"), "60");
  EXPECT_EQ(one("SELECT directory FROM buckets WHERE series = 1 AND directory = '" + directory + "'"), directory);
  ASSERT_EQ(ask("ATTACH '" + directory + "/meta.db' AS h").error, "");
  EXPECT_EQ(one("SELECT count(*) FROM h.series s JOIN samples(s.id)"), "60");
}

TEST_F(ExtensionTest, a_file_that_is_no_catalogue_is_named) {
  const std::filesystem::path file = directory_.path() / kMetaFile;
  connect(file);
  ASSERT_EQ(ask("CREATE TABLE other(x)").error, "");
  const std::string error = ask("SELECT * FROM history").error;
  EXPECT_NE(error.find(path_text(file)), std::string::npos) << error;
  EXPECT_NE(error.find("is not a catalogue of a Picket history"), std::string::npos) << error;
}

TEST_F(ExtensionTest, a_damaged_partition_costs_its_rows_and_is_named_after_the_others) {
  open();
  fill("a", kStart + 30 * kHour, 10 * kMinute);
  maintain();
  store_->close();
  const std::filesystem::path raw = settings_.directory / *files("raw-").begin();
  {
    Database database(raw, Open::existing);
    database.execute(
        "UPDATE chunk SET data = zeroblob(length(data)) WHERE id >= (SELECT min(id) FROM chunk) + (7 << 39) "
        "AND id < (SELECT min(id) FROM chunk) + (8 << 39)");
  }
  connect();
  const Answer answer = ask("SELECT time FROM samples(1)");
  EXPECT_GE(answer.rows.size(), 22U * 6) << "a day is 24 hours, and one is damaged";
  EXPECT_NE(answer.error.find(path_text(raw)), std::string::npos) << answer.error;
  EXPECT_NE(answer.error.find("partial = 1"), std::string::npos);
  EXPECT_EQ(rows("SELECT time FROM samples(1) WHERE partial = 1"), answer.rows);
  EXPECT_EQ(rows("SELECT time FROM samples(1, NULL, NULL, NULL, 1)"), answer.rows);
}

TEST_F(ExtensionTest, a_read_that_stands_still_holds_no_file_of_samples_and_the_writer_goes_on) {
  open();
  fill("a", kStart + 3 * kHour);
  connect();
  sqlite3_stmt* statement = nullptr;
  ASSERT_EQ(sqlite3_prepare_v2(connection_, "SELECT value FROM samples(1)", -1, &statement, nullptr), SQLITE_OK);
  ASSERT_EQ(sqlite3_step(statement), SQLITE_ROW);
  now_ += kHour;
  EXPECT_EQ(maintain(), 3U) << "sealed, and the hot files are gone";
  EXPECT_TRUE(files("hot-").empty());
  ASSERT_TRUE(put({{"a", 1}}));
  EXPECT_TRUE(store_->commit().ok());
  int more = 0;
  while (sqlite3_step(statement) == SQLITE_ROW) ++more;
  EXPECT_GE(more, 179);
  sqlite3_finalize(statement);
}

TEST_F(ExtensionTest, two_questions_at_once_do_not_disturb_each_other) {
  open();
  for (; now_ < kStart + kHour; now_ += kMinute) ASSERT_TRUE(put({{"a", 1}, {"b", 2}}));
  connect();
  EXPECT_EQ(one("SELECT count(*), sum(x.value * y.value) FROM samples(1) x JOIN samples(2) y USING (time_ns)"),
            "60|120.0");
}

}  // namespace
}  // namespace picket::perf_database
