// SPDX-License-Identifier: Apache-2.0
//
// What is watched along symbolic links, which an ordinary user cannot make on Windows.
#include "config/watched_files.hpp"
#include "fixture.hpp"

namespace picket::config {
namespace {

using testing::Contains;
using testing::Not;

class WatchedLinksTest : public ConfigTest {
 protected:
  WatchedLinksTest() {
    directory = std::filesystem::canonical(directory);
    main = write("etc/picket.yaml", "instances: {}\n");
  }
  WatchedFiles look() const { return look_at_files({main}); }

  std::filesystem::path main;
};

TEST_F(WatchedLinksTest, every_directory_that_holds_a_link_on_the_way_is_watched) {
  // As Kubernetes mounts a map: the file is a link through `..data`, which is a link to a directory of its own.
  write("map/..2026_1/picket.yaml", "instances: {}\n");
  std::filesystem::create_directory_symlink("..2026_1", directory / "map" / "..data");
  std::filesystem::create_symlink("..data/picket.yaml", directory / "map" / "picket.yaml");
  std::filesystem::create_symlink(directory / "map" / "picket.yaml", directory / "etc" / "linked.yaml");
  main = directory / "etc" / "linked.yaml";
  const WatchedFiles first = look();
  for (const char* expected : {"etc", "map", "map/..2026_1"}) {
    EXPECT_THAT(first.directories, Contains(directory / expected));
  }
  write("map/..2026_2/picket.yaml", "instances: {} # other\n");
  EXPECT_EQ(look().fingerprint, first.fingerprint);
  std::filesystem::create_directory_symlink("..2026_2", directory / "map" / "..tmp");
  std::filesystem::rename(directory / "map" / "..tmp", directory / "map" / "..data");
  const WatchedFiles swapped = look();
  EXPECT_NE(swapped.fingerprint, first.fingerprint);
  EXPECT_THAT(swapped.directories, Contains(directory / "map" / "..2026_2"));
  EXPECT_THAT(swapped.directories, Not(Contains(directory / "map" / "..2026_1")));
}

TEST_F(WatchedLinksTest, links_in_a_circle_end) {
  std::filesystem::create_symlink("b", directory / "etc" / "a");
  std::filesystem::create_symlink("a", directory / "etc" / "b");
  main = directory / "etc" / "a" / "picket.yaml";
  EXPECT_THAT(look().directories, Contains(directory / "etc"));
}

}  // namespace
}  // namespace picket::config
