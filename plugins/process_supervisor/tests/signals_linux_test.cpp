// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "signals.hpp"

namespace picket::process_supervisor {
namespace {

TEST(Signals, numbers_and_real_time_signals) {
  EXPECT_EQ(signal_number("10"), 10);
  ASSERT_TRUE(signal_number("RTMIN+3"));
  EXPECT_EQ(signal_name(*signal_number("RTMIN+3")), "SIGRTMIN+3");
  EXPECT_EQ(signal_number("RTMIN+300"), std::nullopt);
}

}  // namespace
}  // namespace picket::process_supervisor
