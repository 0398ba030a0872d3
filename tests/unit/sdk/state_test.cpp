// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include "test_plugin.hpp"

namespace picket::testing {
namespace {

class Owner : public Tracked<Owner> {
 public:
  using Tracked::Tracked;
};

class StateTest : public ::testing::Test {
 protected:
  StateTest() { EXPECT_TRUE(host.start().ok()); }
  State state() { return Owner::last->host().state(); }
  FakeHost host{type_of<Owner>()};
};

TEST_F(StateTest, a_value_is_kept_replaced_and_removed) {
  EXPECT_EQ(state().get("cursor"), std::nullopt);
  state().put("cursor", "one");
  EXPECT_EQ(state().get("cursor"), "one");
  state().put("cursor", "");
  EXPECT_EQ(state().get("cursor"), "");
  state().remove("cursor");
  state().remove("cursor");
  EXPECT_EQ(state().get("cursor"), std::nullopt);
}

TEST_F(StateTest, a_long_value_comes_back_whole) {
  const std::string value(100'000, 'v');
  state().put("long", value);
  EXPECT_EQ(state().get("long"), value);
  EXPECT_EQ(host.stored("long"), value);
}

TEST_F(StateTest, a_key_outside_of_the_rules_is_an_error) {
  for (const char* key : {"", "Upper", "1st", "a/b", "..", "with space"}) {
    EXPECT_THROW(state().put(key, "x"), Failure) << key;
    EXPECT_THROW(static_cast<void>(state().get(key)), Failure) << key;
    EXPECT_THROW(state().remove(key), Failure) << key;
  }
  EXPECT_THROW(state().put(std::string(65, 'k'), "x"), Failure);
  EXPECT_NO_THROW(state().put(std::string(64, 'k'), "x"));
  EXPECT_THROW(state().put("big", std::string((1U << 20U) + 1, 'x')), Failure);
}

TEST_F(StateTest, the_directory_is_made_inside_the_root_and_goes_away_with_the_host) {
  std::string root;
  {
    FakeHost other(type_of<Owner>());
    ASSERT_TRUE(other.start().ok());
    root = other.state_root();
    const std::string directory = Owner::last->host().state().directory();
    EXPECT_TRUE(std::filesystem::is_directory(directory));
    EXPECT_EQ(directory.rfind(root, 0), 0U);
    EXPECT_EQ(Owner::last->host().state().root(), root);
  }
  EXPECT_FALSE(std::filesystem::exists(root));
}

TEST_F(StateTest, a_full_disk_reaches_the_plugin_as_an_error) {
  state().put("key", "before");
  host.fail_state("the disk is full");
  try {
    state().put("key", "after");
    FAIL() << "put succeeded";
  } catch (const Failure& failure) {
    EXPECT_STREQ(failure.what(), "the disk is full");
  }
  EXPECT_THROW(static_cast<void>(state().directory()), Failure);
  host.fail_state("");
  EXPECT_EQ(state().get("key"), "before");
}

}  // namespace
}  // namespace picket::testing
