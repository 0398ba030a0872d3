// SPDX-License-Identifier: Apache-2.0
#include "platform/per_thread.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace picket::platform {
namespace {

std::atomic<int> intact{0};

// Counts its end, if its memory is still its own then.
struct Witness {
  std::vector<int> numbers = std::vector<int>(1'000, 7);
  Witness() = default;
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;
  ~Witness() {
    for (const int number : numbers) {
      if (number != 7) return;
    }
    if (numbers.size() == 1'000) ++intact;
  }
};

TEST(PerThread, every_thread_has_an_object_of_its_own_that_ends_with_it_whole) {
  Witness* const ours = &per_thread<Witness>();
  intact = 0;
  for (int round = 0; round < 50; ++round) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([ours] {
        Witness* const theirs = &per_thread<Witness>();
        EXPECT_NE(theirs, ours);
        EXPECT_EQ(theirs, &per_thread<Witness>());
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(intact, 200);
  EXPECT_EQ(&per_thread<Witness>(), ours);
}

}  // namespace
}  // namespace picket::platform
