// SPDX-License-Identifier: Apache-2.0
#include "platform/private_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "temporary_directory.hpp"

namespace picket::platform {
namespace {

using std::filesystem::permissions;
using std::filesystem::perms;
using testing::HasSubstr;

// A file with mode 0600 in a directory with mode 0700.
class PrivateFile : public testing::Test {
 protected:
  PrivateFile() {
    std::filesystem::create_directory(directory_ / "d");
    permissions(directory_.path(), perms::owner_all);
    permissions(directory_ / "d", perms::owner_all);
    std::ofstream(file()) << "x";
    permissions(file(), perms::owner_read | perms::owner_write);
  }

  std::filesystem::path file() const { return directory_ / "d" / "file"; }

  TemporaryDirectory directory_;
};

TEST_F(PrivateFile, a_private_file_passes_even_below_the_sticky_tmp) {
  EXPECT_EQ(writable_by_others(file()), std::nullopt);
}

TEST_F(PrivateFile, a_world_writable_file_is_named_with_the_remedy) {
  permissions(file(), perms::others_write, std::filesystem::perm_options::add);
  EXPECT_THAT(writable_by_others(file()).value_or(""), HasSubstr("chmod o-w " + file().string()));
}

TEST_F(PrivateFile, a_world_writable_directory_on_the_way_is_named) {
  permissions(directory_ / "d", perms::others_write, std::filesystem::perm_options::add);
  const std::string reason = writable_by_others(file()).value_or("");
  EXPECT_THAT(reason, HasSubstr((directory_ / "d").string() + " is writable by everybody"));
}

TEST_F(PrivateFile, a_link_is_judged_by_its_target_and_by_where_it_lies) {
  const auto link = directory_ / "link";
  std::filesystem::create_symlink("d/file", link);
  EXPECT_EQ(writable_by_others(link), std::nullopt);
  permissions(file(), perms::others_write, std::filesystem::perm_options::add);
  EXPECT_THAT(writable_by_others(link).value_or(""), HasSubstr("d/file"));
  permissions(file(), perms::others_write, std::filesystem::perm_options::remove);

  std::filesystem::create_directory(directory_ / "open");
  permissions(directory_ / "open", perms::all);
  std::filesystem::create_symlink(file(), directory_ / "open" / "link");
  EXPECT_THAT(writable_by_others(directory_ / "open" / "link").value_or(""), HasSubstr("/open is writable"));
}

TEST_F(PrivateFile, what_cannot_be_examined_counts_as_writable) {
  EXPECT_THAT(writable_by_others(directory_ / "none").value_or(""), HasSubstr("cannot be examined"));
}

TEST_F(PrivateFile, a_group_that_may_write_is_named_unless_it_is_roots) {
  permissions(file(), perms::group_write, std::filesystem::perm_options::add);
  if (geteuid() == 0) {
    ASSERT_EQ(chown(file().c_str(), 0, 12'345), 0);
    permissions(file(), perms::group_write, std::filesystem::perm_options::add);
    EXPECT_THAT(writable_by_others(file()).value_or(""), HasSubstr("writable by group 12345"));
    ASSERT_EQ(chown(file().c_str(), 0, 0), 0);
    EXPECT_EQ(writable_by_others(file()), std::nullopt);
    ASSERT_EQ(chown(file().c_str(), 12'345, 0), 0);
    EXPECT_THAT(writable_by_others(file()).value_or(""), HasSubstr("belongs to user 12345"));
  } else {
    EXPECT_THAT(writable_by_others(file()).value_or(""), HasSubstr("writable by group"));
  }
}

}  // namespace
}  // namespace picket::platform
