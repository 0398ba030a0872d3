// SPDX-License-Identifier: Apache-2.0
#include "commands/db.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "commands/exit_codes.hpp"

namespace picket::commands {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const char* const kGood = R"({"directory": "/h", "good": true, "files": [
  {"file": "meta.db", "kind": "meta", "verdict": "good", "time": null, "series": 3, "samples": 0, "bytes": 4096,
   "problem_count": 0, "problems": []}]})";
const char* const kDamagedAnswer = R"({"directory": "/h", "good": false, "files": [
  {"file": "raw-2024-W40.db", "kind": "raw", "verdict": "damaged",
   "time": {"from_ns": 1727654400000000000, "to_ns": 1728259200000000000},
   "series": 3, "samples": 900, "bytes": 65536, "problem_count": 7, "problems": ["a \u001b[31mchunk"]},
  {"file": "meta.db", "kind": "meta", "verdict": "good", "time": null, "series": 3, "samples": 0, "bytes": 4096,
   "problem_count": 0, "problems": []}]})";

TEST(Db, verify_lists_files_and_is_well_when_all_are_good) {
  std::ostringstream out;
  EXPECT_EQ(print_db_verify(kGood, {}, out), kExitOk);
  EXPECT_THAT(out.str(), AllOf(HasSubstr("meta.db"), HasSubstr("4 KiB"), HasSubstr("1 file, all good")));
}

TEST(Db, verify_names_what_is_damaged_and_how_to_go_on) {
  std::ostringstream out;
  EXPECT_EQ(print_db_verify(kDamagedAnswer, {}, out), kExitNotWell);
  EXPECT_THAT(out.str(), AllOf(HasSubstr("damaged"), HasSubstr("2024-09-30T00:00:00Z"), HasSubstr("and 6 more"),
                               HasSubstr("1 not well"), HasSubstr("picket db repair")));
  EXPECT_THAT(out.str(), Not(HasSubstr("\x1b"))) << "what a damaged file says is not for the terminal to obey";
}

TEST(Db, json_is_the_answer_itself_with_the_same_exit_code) {
  std::ostringstream out;
  EXPECT_EQ(print_db_json(kDamagedAnswer, out), kExitNotWell);
  EXPECT_EQ(nlohmann::json::parse(out.str()), nlohmann::json::parse(kDamagedAnswer));
  EXPECT_EQ(print_db_json(kGood, out), kExitOk);
  EXPECT_EQ(print_db_json(R"({"lost": true})", out), kExitNotWell);
}

TEST(Db, repair_says_what_came_back_and_what_is_lost) {
  std::ostringstream out;
  const char* const answer = R"({"directory": "/h", "lost": true, "set_aside": ["raw-2024-W40.db.damaged"], "files": [
    {"file": "raw-2024-W40.db.damaged", "read": 840, "added": 840, "unread_parts": 1, "deleted": false,
     "lost_series": 1, "lost_samples": 60, "lost_time": {"from_ns": 1728000000000000000, "to_ns": 1728003600000000000}}],
    "series_added": 0, "hour_rows": 14, "day_rows": 1})";
  EXPECT_EQ(print_db_repair(answer, out), kExitNotWell);
  EXPECT_THAT(out.str(), AllOf(HasSubstr("set aside now"), HasSubstr("840 of them brought back"),
                               HasSubstr("1 place unreadable"), HasSubstr("lost: 60 samples of 1 series"),
                               HasSubstr("2024-10-04T00:00:00Z"), HasSubstr("14 hour rows")));
}

TEST(Db, repair_of_a_good_history_says_so) {
  std::ostringstream out;
  EXPECT_EQ(print_db_repair(R"({"directory": "/h", "lost": false, "set_aside": [], "files": [], "series_added": 0,
                                "hour_rows": 0, "day_rows": 0})",
                            out),
            kExitOk);
  EXPECT_THAT(out.str(), HasSubstr("nothing was damaged"));
}

TEST(Db, info_shows_each_tier) {
  std::ostringstream out;
  const char* const answer = R"({"directory": "/h", "series": 3, "events": 1, "bytes": 200000, "tiers": [
    {"tier": "hot", "files": 0, "bytes": 0},
    {"tier": "raw", "files": 2, "bytes": 65536, "samples": 900, "bytes_per_sample": 0.91,
     "oldest_ns": 1727654400000000000, "newest_ns": 1728259200000000000},
    {"tier": "hour", "rows": 15, "oldest_ns": 1728000000000000000, "newest_ns": 1728014400000000000}],
    "set_aside": ["meta.db.damaged"]})";
  EXPECT_EQ(print_db_info(answer, {}, out), kExitOk);
  EXPECT_THAT(out.str(), AllOf(HasSubstr("/h: 3 series, 1 event, "), HasSubstr("0.91"), HasSubstr("64 KiB"),
                               HasSubstr("2024-09-30T00:00:00Z"), HasSubstr("meta.db.damaged: damaged")));
}

}  // namespace
}  // namespace picket::commands
