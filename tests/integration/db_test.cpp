// SPDX-License-Identifier: Apache-2.0
//
// `picket db`, as an operator uses it: beside a running daemon, and on a history that was damaged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "harness/history.hpp"

namespace picket::integration {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr int kNotWell = 1;
constexpr int kUsageIsWrong = 64;
constexpr int kNoHistory = 69;
constexpr int kNotAllowed = 77;

class Db : public ::testing::Test {
 protected:
  Db() { site.configure(kMainJob); }

  void overwrite(const std::filesystem::path& file, std::streamoff from, int size) const {
    std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
    ASSERT_TRUE(out.good());
    out.seekp(from);
    for (int i = 0; i < size; ++i) out.put(static_cast<char>(0xA5));
  }

  Site site;
};

TEST_F(Db, verify_and_info_work_beside_a_daemon_and_repair_does_not) {
  EXPECT_EQ(site.picket({"db", "verify"}).exit_code, kNoHistory);
  const auto daemon = site.run_until_ready();
  ASSERT_TRUE(wait_for_samples(site, kSteadySeries, 5));
  const Output verified = site.picket({"db", "verify", "--deep", "--json"});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  const json found = json::parse(verified.out);
  EXPECT_TRUE(found.at("good"));
  ASSERT_EQ(found.at("files").size(), 2U);
  EXPECT_GT(found.at("files")[1].at("samples"), 0);
  EXPECT_THAT(site.picket({"db", "verify"}).out, HasSubstr("all good"));
  const Output info = site.picket({"db", "info"});
  EXPECT_EQ(info.exit_code, 0) << info.err;
  EXPECT_THAT(info.out, HasSubstr("hot"));
  const Output refused = site.picket({"db", "repair"});
  EXPECT_EQ(refused.exit_code, kNotAllowed);
  EXPECT_THAT(refused.err, HasSubstr("in use by process " + std::to_string(daemon->id())));
  const std::size_t before = samples(site, kSteadySeries).size();
  ASSERT_TRUE(wait_for_samples(site, kSteadySeries, before + 3)) << "the daemon was not held up";
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(Db, a_damaged_catalogue_is_found_repaired_and_collection_goes_on) {
  std::vector<Sample> before;
  {
    const auto daemon = site.run_until_ready();
    ASSERT_TRUE(wait_for_samples(site, kSteadySeries, 5));
    EXPECT_EQ(stop(*daemon), 0);
    before = samples(site, kSteadySeries);
  }
  overwrite(site.history() / "meta.db", 0, 4'096);
  const Output query = site.picket({"query", kSteadySeries});
  EXPECT_EQ(query.exit_code, kNoHistory);
  EXPECT_THAT(query.err, HasSubstr("meta.db"));
  const Output verified = site.picket({"db", "verify"});
  EXPECT_EQ(verified.exit_code, kNotWell);
  EXPECT_THAT(verified.out, HasSubstr("damaged"));
  const Output repaired = site.picket({"db", "repair", "--delete", "--history", "history"});
  EXPECT_THAT(repaired.out, HasSubstr("meta.db.damaged")) << repaired.err;
  EXPECT_EQ(site.picket({"db", "verify", "--deep"}).exit_code, 0);
  EXPECT_EQ(samples(site, kSteadySeries), before);
  const auto daemon = site.run_until_ready();
  EXPECT_TRUE(wait_for_samples(site, kSteadySeries, before.size() + 3));
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(Db, the_instance_must_be_one_with_a_history) {
  const Output unknown = site.picket({"db", "info", "--history", "nobody"});
  EXPECT_EQ(unknown.exit_code, kUsageIsWrong);
  EXPECT_THAT(unknown.err, HasSubstr("no instance `nobody`"));
  const Output other = site.picket({"db", "info", "--history", "host"});
  EXPECT_EQ(other.exit_code, kNoHistory);
  EXPECT_THAT(other.err, HasSubstr("keeps no history"));
}

}  // namespace
}  // namespace picket::integration
