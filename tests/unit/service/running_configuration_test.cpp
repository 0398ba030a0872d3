// SPDX-License-Identifier: Apache-2.0
#include "service/running_configuration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "../platform/temporary_directory.hpp"

namespace picket::service {
namespace {

using testing::HasSubstr;

class RunningConfigurationTest : public testing::Test {
 protected:
  void write(const std::string& text) const { std::ofstream(file_, std::ios::binary) << text; }

  const TemporaryDirectory directory_;
  const std::filesystem::path file_ = directory_ / kRunningFile;
};

TEST_F(RunningConfigurationTest, comes_back_as_it_was_written) {
  const RunningConfiguration written{3, "0123456789ab", 42, {"log.level"}, "{\n  \"b\": 1,\n  \"a\": []\n}\n"};
  ASSERT_TRUE(write_running(file_, written).ok());
  const auto read = read_running(file_);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->generation, 3U);
  EXPECT_EQ(read->hash, written.hash);
  EXPECT_EQ(read->since_ns, 42);
  EXPECT_EQ(read->overruled, written.overruled);
  EXPECT_EQ(read->configuration, written.configuration) << "to the byte";
}

TEST_F(RunningConfigurationTest, one_that_is_not_there_is_not_found) {
  EXPECT_EQ(read_running(file_).error().status, PICKET_NOT_FOUND);
}

TEST_F(RunningConfigurationTest, a_damaged_one_is_named) {
  for (const char* text : {"", "{", "[]", "{}", "{\"format\": 1}", "{\"format\": \"x\"}",
                           "{\"format\": 1, \"generation\": -1, \"hash\": 5, \"since_ns\": 0, \"overruled\": [], "
                           "\"configuration\": {}}"}) {
    write(text);
    const auto read = read_running(file_);
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_THAT(read.error().message, HasSubstr(kRunningFile)) << text;
  }
}

TEST_F(RunningConfigurationTest, one_of_another_version_says_so) {
  write("{\"format\": 2}");
  EXPECT_THAT(read_running(file_).error().message, HasSubstr("of format 2"));
}

}  // namespace
}  // namespace picket::service
