// SPDX-License-Identifier: Apache-2.0
//
// What can only happen on Linux: files that are removed while they are open.
#include "store_fixture.hpp"

namespace picket::perf_database {
namespace {

TEST_F(StoreTest, a_directory_that_vanishes_fails_the_commit_and_is_made_again) {
  open();
  ASSERT_TRUE(put({{"a", 1}}));
  std::filesystem::remove_all(settings_.directory);
  const Result<std::uint64_t> committed = store_->commit();
  ASSERT_FALSE(committed.ok()) << "these samples are gone: nobody may be told otherwise";
  EXPECT_NE(committed.error().message.find("removed"), std::string::npos);
  ASSERT_TRUE(store_->open().ok());
  ASSERT_TRUE(put({{"a", 1}}));
  EXPECT_TRUE(store_->commit().ok());
  EXPECT_EQ(points(id("a")).size(), 1U);
}

}  // namespace
}  // namespace picket::perf_database
