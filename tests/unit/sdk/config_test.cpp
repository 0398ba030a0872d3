// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include "test_plugin.hpp"

namespace picket::testing {
namespace {

using namespace std::chrono_literals;

// Runs `read` on these settings, in a constructor as a plugin does.
class Reader : public Plugin {
 public:
  Reader(Host host, const Config& config) : Plugin(host) { read(config); }
  inline static std::function<void(const Config&)> read;
};

Result<void> with(const std::string& settings, std::function<void(const Config&)> read) {
  Reader::read = std::move(read);
  FakeHost host(type_of<Reader>(), settings);
  return host.create();
}

TEST(Config, reads_each_type_by_json_pointer) {
  const auto created = with(R"({"name": "web", "port": 8080, "ratio": 0.5, "fast": true,
                                "limits": {"wait": 1500000000, "list": [1, 2]}})",
                            [](const Config& config) {
                              EXPECT_EQ(config.text("/name"), "web");
                              EXPECT_EQ(config.integer("/port"), 8080);
                              EXPECT_EQ(config.number("/ratio"), 0.5);
                              EXPECT_EQ(config.number("/port"), 8080.0);
                              EXPECT_TRUE(config.boolean("/fast"));
                              EXPECT_EQ(config.duration("/limits/wait"), 1500ms);
                              EXPECT_EQ(config.integer("/limits/list/1"), 2);
                            });
  EXPECT_TRUE(created.ok());
}

TEST(Config, a_default_stands_in_for_what_is_missing) {
  const auto created = with("{}", [](const Config& config) {
    EXPECT_EQ(config.text("/name", "none"), "none");
    EXPECT_EQ(config.integer("/port", 7), 7);
    EXPECT_EQ(config.number("/ratio", 0.25), 0.25);
    EXPECT_TRUE(config.boolean("/fast", true));
    EXPECT_EQ(config.duration("/wait", 3s), 3s);
  });
  EXPECT_TRUE(created.ok());
}

TEST(Config, a_missing_setting_without_default_fails_create_and_is_named) {
  const auto created = with("{}", [](const Config& config) { static_cast<void>(config.text("/url")); });
  ASSERT_FALSE(created.ok());
  EXPECT_EQ(created.error().status, PICKET_NOT_FOUND);
  EXPECT_EQ(created.error().message, "/url: this setting is missing");
}

TEST(Config, a_setting_of_another_type_is_an_error_even_with_a_default) {
  const auto created =
      with(R"({"port": "http"})", [](const Config& config) { static_cast<void>(config.integer("/port", 80)); });
  ASSERT_FALSE(created.ok());
  EXPECT_EQ(created.error().status, PICKET_INVALID);
  EXPECT_EQ(created.error().message, "/port: expected an integer");
}

TEST(Config, the_whole_text_is_canonical) {
  const auto created =
      with(R"({ "b": 1,  "a": [2] })", [](const Config& config) { EXPECT_EQ(config.json(), R"({"a":[2],"b":1})"); });
  EXPECT_TRUE(created.ok());
}

}  // namespace
}  // namespace picket::testing
