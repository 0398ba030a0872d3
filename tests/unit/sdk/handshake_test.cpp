// SPDX-License-Identifier: Apache-2.0
//
// What a plugin of today does in daemons of other versions. The daemons are fakes that know less; tests/compat does the
// same with real old headers.
#include "test_plugin.hpp"

namespace picket::testing {
namespace {

class Modest : public Tracked<Modest> {
 public:
  using Tracked::Tracked;
};

class Demanding : public Tracked<Demanding> {
 public:
  static constexpr std::uint16_t kMinHostMinor = 7;
  using Tracked::Tracked;
};

TEST(Handshake, a_plugin_says_what_it_was_built_against_and_what_it_needs) {
  const picket_plugin_type* type = type_of<Demanding>();
  EXPECT_EQ(type->size, sizeof(picket_plugin_type));
  EXPECT_EQ(type->abi_major, PICKET_ABI_MAJOR);
  EXPECT_EQ(type->abi_minor, PICKET_ABI_MINOR);
  EXPECT_EQ(type->min_host_minor, 7);
  EXPECT_EQ(type->flags, 0U);
  EXPECT_EQ(type_of<Modest>()->min_host_minor, 0);
}

TEST(Handshake, blocking_is_a_flag_of_the_type) {
  constexpr picket_plugin_type kType =
      plugin_type<Modest>({.id = "m", .version = "1", .summary = "s", .config_schema = "{}", .blocks = true});
  EXPECT_EQ(kType.flags, PICKET_PLUGIN_BLOCKS);
}

TEST(Handshake, another_major_is_refused_and_says_what_to_do) {
  FakeHost host(type_of<Modest>(), "{}", {.abi_major = 2});
  const auto created = host.create();
  ASSERT_FALSE(created.ok());
  EXPECT_EQ(created.error().status, PICKET_UNSUPPORTED);
  EXPECT_EQ(
      created.error().message,
      "the plugin needs plugin ABI 1.0 and this daemon has 2.0: install the plugin's build for this major version "
      "of Picket");
}

TEST(Handshake, a_host_below_the_least_minor_is_refused_and_says_which_side_to_update) {
  FakeHost host(type_of<Demanding>(), "{}", {.abi_minor = 3});
  const auto created = host.create();
  ASSERT_FALSE(created.ok());
  EXPECT_EQ(
      created.error().message,
      "the plugin needs plugin ABI 1.7 or later and this daemon has 1.3: update Picket, or install an older version "
      "of the plugin");
  FakeHost newer(type_of<Demanding>(), "{}", {.abi_minor = 9});
  EXPECT_TRUE(newer.create().ok());
}

TEST(Handshake, a_host_table_that_lacks_core_functions_is_refused_without_reading_beyond_it) {
  for (const std::uint32_t size : {std::uint32_t{8}, std::uint32_t{offsetof(picket_host, extension)}}) {
    FakeHost host(type_of<Modest>(), "{}", {.host_size = size});
    const auto created = host.create();
    ASSERT_FALSE(created.ok()) << size;
    EXPECT_EQ(created.error().status, PICKET_UNSUPPORTED);
    EXPECT_NE(created.error().message.find("update Picket"), std::string::npos) << created.error().message;
  }
  EXPECT_EQ(Modest::last, nullptr);
}

TEST(Handshake, a_larger_host_table_of_a_later_minor_is_fine) {
  FakeHost host(type_of<Modest>(), "{}", {.abi_minor = 40, .host_size = sizeof(picket_host) + 64});
  EXPECT_TRUE(host.start().ok());
}

TEST(Handshake, a_daemon_without_room_for_the_instance_is_refused) {
  FakeHost host(type_of<Modest>(), "{}", {.plugin_size = offsetof(picket_plugin, extension)});
  const auto created = host.create();
  ASSERT_FALSE(created.ok());
  EXPECT_EQ(created.error().status, PICKET_UNSUPPORTED);
  EXPECT_EQ(Modest::last, nullptr);
}

TEST(Handshake, create_survives_a_caller_without_anything) {
  picket_error error{};
  EXPECT_EQ(type_of<Modest>()->create(nullptr, nullptr, nullptr, &error), PICKET_UNSUPPORTED);
  EXPECT_NE(std::string(error.message), "");
  EXPECT_EQ(type_of<Modest>()->create(nullptr, nullptr, nullptr, nullptr), PICKET_UNSUPPORTED);
}

TEST(Handshake, a_missing_extension_is_named_only_when_it_is_needed) {
  FakeHost host(type_of<Modest>(), "{}", {.without = {PICKET_EXT_STATE, PICKET_EXT_SUBSCRIBE}});
  ASSERT_TRUE(host.start().ok());
  const Host view = Modest::last->host();
  EXPECT_FALSE(view.has(PICKET_EXT_STATE));
  EXPECT_TRUE(view.has(PICKET_EXT_COMMANDS));
  EXPECT_THROW(static_cast<void>(view.state()), Failure);
  EXPECT_THROW(static_cast<void>(view.subscribe({}, [](const Events&, std::uint64_t) {})), Failure);
}

}  // namespace
}  // namespace picket::testing
