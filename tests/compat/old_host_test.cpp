// SPDX-License-Identifier: Apache-2.0
//
// Today's plugin (the heartbeat example) in a daemon that was built with the kept headers and has no extensions: it
// works, or it refuses with a sentence that says what to do.
#include <gtest/gtest.h>

#include <picket/plugin.h>
#include <string>

#include "mini_host.h"

extern "C" const picket_plugin_type* picket_plugin_v1(void);

namespace {

mini_host_seen run(const mini_host_wish& wish) {
  mini_host_seen seen;
  mini_host_run(picket_plugin_v1(), &wish, &seen);
  return seen;
}

TEST(OldHost, runs_a_plugin_of_today) {
  const mini_host_seen seen = run({.abi_major = 1, .abi_minor = 0, .missing = 0, .ticks = 3});
  EXPECT_EQ(seen.create_status, PICKET_OK) << seen.message;
  EXPECT_EQ(seen.start_status, PICKET_OK) << seen.message;
  EXPECT_EQ(seen.emitted, 3U);
  EXPECT_EQ(seen.batches, 0U);
  EXPECT_EQ(seen.timers, 0U);
}

TEST(OldHost, of_another_major_is_refused_with_what_to_do) {
  const mini_host_seen seen = run({.abi_major = 2, .abi_minor = 0, .missing = 0, .ticks = 1});
  EXPECT_EQ(seen.create_status, PICKET_UNSUPPORTED);
  EXPECT_NE(std::string(seen.message).find("this daemon has 2.0: install the plugin's build"), std::string::npos)
      << seen.message;
}

TEST(OldHost, that_lacks_functions_is_refused_with_what_to_do) {
  for (const unsigned missing : {1U, 5U, 19U}) {
    const mini_host_seen seen = run({.abi_major = 1, .abi_minor = 0, .missing = missing, .ticks = 1});
    EXPECT_EQ(seen.create_status, PICKET_UNSUPPORTED);
    EXPECT_NE(std::string(seen.message).find("update Picket"), std::string::npos) << seen.message;
    EXPECT_EQ(seen.emitted, 0U);
  }
}

}  // namespace
