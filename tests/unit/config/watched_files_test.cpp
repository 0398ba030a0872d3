// SPDX-License-Identifier: Apache-2.0
#include "config/watched_files.hpp"

#include "fixture.hpp"

namespace picket::config {
namespace {

using testing::Contains;

class WatchedFilesTest : public ConfigTest {
 protected:
  WatchedFilesTest() {
    directory = std::filesystem::canonical(directory);
    main = write("etc/picket.yaml", "instances: {}\n");
  }
  WatchedFiles look() const { return look_at_files({main}); }

  std::filesystem::path main;
};

TEST_F(WatchedFilesTest, the_same_content_has_the_same_fingerprint) {
  const WatchedFiles first = look();
  write("etc/picket.yaml", "instances: {}\n");
  EXPECT_EQ(look().fingerprint, first.fingerprint);
  write("etc/picket.yaml", "instances: {} \n");
  EXPECT_NE(look().fingerprint, first.fingerprint);
}

TEST_F(WatchedFilesTest, what_is_read_beside_it_counts_and_nothing_else) {
  const WatchedFiles first = look();
  write("etc/conf.d/.hidden.yaml", "x");
  write("etc/conf.d/a.yaml~", "x");
  write("etc/other.yaml", "x");
  EXPECT_EQ(look().fingerprint, first.fingerprint);
  write("etc/conf.d/a.yaml", "routes: {}\n");
  const WatchedFiles more = look();
  EXPECT_NE(more.fingerprint, first.fingerprint);
  std::filesystem::rename(directory / "etc/conf.d/a.yaml", directory / "etc/conf.d/b.yaml");
  EXPECT_NE(look().fingerprint, more.fingerprint);
}

TEST_F(WatchedFilesTest, a_file_that_is_gone_is_another_configuration) {
  const WatchedFiles first = look();
  std::filesystem::remove(main);
  EXPECT_NE(look().fingerprint, first.fingerprint);
  EXPECT_THAT(look().directories, Contains(directory / "etc"));
}

TEST_F(WatchedFilesTest, conf_d_is_watched_once_it_is_there_and_until_then_its_parent) {
  EXPECT_THAT(look().directories, testing::ElementsAre(directory / "etc"));
  write("etc/conf.d/a.yaml", "");
  EXPECT_THAT(look().directories, Contains(directory / "etc" / "conf.d"));
  EXPECT_THAT(look().directories, Contains(directory / "etc"));
}

TEST_F(WatchedFilesTest, a_directory_that_is_missing_is_stood_for_by_the_one_above) {
  std::filesystem::remove_all(directory / "etc");
  EXPECT_THAT(look().directories, testing::ElementsAre(directory));
}

}  // namespace
}  // namespace picket::config
