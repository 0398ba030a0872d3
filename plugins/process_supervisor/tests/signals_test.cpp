// SPDX-License-Identifier: Apache-2.0
#include "signals.hpp"

#include <gtest/gtest.h>

#include "duration_text.hpp"
#include "probe_target.hpp"

namespace picket::process_supervisor {
namespace {

TEST(Signals, names_in_every_writing) {
  EXPECT_EQ(signal_number("TERM"), 15);
  EXPECT_EQ(signal_number("sigterm"), 15);
  EXPECT_EQ(signal_number("KILL"), 9);
  EXPECT_EQ(signal_number("TREM"), std::nullopt);
  EXPECT_EQ(signal_number(""), std::nullopt);
  EXPECT_EQ(signal_number("-1"), std::nullopt);
  EXPECT_EQ(signal_number("9999"), std::nullopt);
  EXPECT_EQ(signal_name(9), "SIGKILL");
}

TEST(Signals, ends_in_words) {
  EXPECT_EQ(describe({false, 3, false, false}), "exited with code 3");
  EXPECT_EQ(describe({true, 9, false, true}), "killed by SIGKILL: out of memory");
  EXPECT_EQ(describe({true, 15, true, false}), "killed by SIGTERM, core dumped");
}

TEST(DurationText, has_two_units_at_most) {
  EXPECT_EQ(duration_text(0), "0ms");
  EXPECT_EQ(duration_text(1'500'000), "1ms");
  EXPECT_EQ(duration_text(61'000'000'000), "1m1s");
  EXPECT_EQ(duration_text(3'600'000'000'000), "1h");
  EXPECT_EQ(duration_text(90'061'000'000'000), "1d1h");
}

TEST(ProbeTarget, ports) {
  EXPECT_EQ(port_target("8080")->host, "localhost");
  EXPECT_EQ(port_target("[::1]:80")->host, "::1");
  EXPECT_EQ(port_target("127.0.0.1:80")->port, 80);
  EXPECT_EQ(port_target("unix:/run/x")->path, "/run/x");
  for (const char* const bad : {"", "0", "65536", "host", "example.org:80", "::1:80", "unix:", "127.0.0.1:"}) {
    EXPECT_FALSE(port_target(bad).ok()) << bad;
  }
}

TEST(ProbeTarget, urls) {
  const auto target = http_target("http://127.0.0.1:8080/health?x=1");
  ASSERT_TRUE(target.ok());
  EXPECT_EQ(target->path, "/health?x=1");
  EXPECT_EQ(target->authority, "127.0.0.1:8080");
  EXPECT_EQ(http_target("http://localhost")->path, "/");
  EXPECT_EQ(http_target("http://localhost")->port, 80);
  for (const char* const bad : {"https://localhost", "http://", "http://example.org/", "http://localhost/a b"}) {
    EXPECT_FALSE(http_target(bad).ok()) << bad;
  }
}

TEST(ProbeTarget, statuses) {
  EXPECT_EQ(http_status("HTTP/1.1 204 No Content\r\n"), 204);
  EXPECT_EQ(http_status("HTTP/1.0 500 x"), 500);
  EXPECT_EQ(http_status("HTT"), -1);
  EXPECT_EQ(http_status("SSH-2.0-OpenSSH"), 0);
  EXPECT_EQ(http_status("HTTP/1.1 2x0 "), 0);
}

}  // namespace
}  // namespace picket::process_supervisor
