// SPDX-License-Identifier: Apache-2.0
//
// `cmake --install BUILD --component picket`: an installation that works from where it was put.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/site.hpp"

namespace picket::integration {
namespace {

using testing::HasSubstr;

TEST(Install, a_prefix_has_the_program_its_plugins_configuration_manual_and_completions) {
  const TemporaryDirectory prefix;
  const Output installed = run_to_end(
      {PICKET_CMAKE, "--install", PICKET_BUILD_FOLDER, "--component", "picket", "--prefix", prefix.path().string()}, {},
      std::chrono::seconds(120));
  ASSERT_EQ(installed.exit_code, 0) << installed.out << installed.err;
  for (const char* file : {"bin/picket", "lib/picket/plugins/libperf_collector.so", "etc/picket/picket.yaml",
                           "etc/picket/picket.schema.json", "share/man/man1/picket.1", "share/man/man5/picket.yaml.5",
                           "share/bash-completion/completions/picket", "share/fish/vendor_completions.d/picket.fish",
                           "share/zsh/site-functions/_picket", "lib/systemd/system/picket.service",
                           "lib/systemd/catalog/picket.catalog"}) {
    EXPECT_TRUE(std::filesystem::is_regular_file(prefix.path() / file)) << file;
  }
  const std::string picket = (prefix.path() / "bin" / "picket").string();
  const Output list = run_to_end({picket, "plugins", "list"});
  EXPECT_EQ(list.exit_code, 0) << list.err;
  EXPECT_THAT(list.out, HasSubstr((prefix.path() / "lib/picket/plugins/libperf_database.so").string()));
  const Output valid = run_to_end({picket, "validate", "--config", (prefix.path() / "etc/picket").string()},
                                  {{"STATE_DIRECTORY", prefix.path().string()}});
  EXPECT_EQ(valid.exit_code, 0) << valid.err;
}

}  // namespace
}  // namespace picket::integration
