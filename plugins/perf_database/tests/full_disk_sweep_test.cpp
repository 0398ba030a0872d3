// SPDX-License-Identifier: Apache-2.0
//
// Every operation on a file fails once, in turn, and later ones too for as long as a disk may stay full: the store says
// so, opens again by itself, and nothing that was acknowledged is lost, nothing wrong, nothing there twice.
//
// PICKET_FAULTS in the environment says how many operations fail, spread over all there are; 0: every single one.
#include <gtest/gtest.h>

#include <cstdlib>

#include "power_cut_scenario.hpp"
#include "power_cut_vfs.hpp"
#include "store_fixture.hpp"
#include "verify.hpp"

namespace picket::perf_database {
namespace {

constexpr std::uint64_t kSeed = 5;
constexpr int kSweepSteps = 70;
constexpr std::size_t kDefaultFaults = 160;
constexpr std::size_t kShares = 4;  // each a test of its own, so that they run side by side

std::size_t faults_wanted() {
  const char* const text = std::getenv("PICKET_FAULTS");
  return text != nullptr ? std::strtoull(text, nullptr, 10) : kDefaultFaults;
}

// Lives a life in which the operations [first, first + count) fail; returns what is wrong in the end, and how many
// operations there were.
std::string live(std::size_t first, std::size_t count, std::size_t& operations) {
  const TempDirectory directory;
  TestVfs vfs;
  operations = 0;
  std::string failed;
  vfs.set_gate([&](FileAction action, const std::string& name) {
    const std::size_t now = operations++;
    if (now < first || now - first >= count) return true;
    if (failed.empty()) failed = std::to_string(static_cast<int>(action)) + " of " + name + ": ";
    return false;
  });
  Scenario life(directory.path() / "history", kSeed, [&] { return operations; });
  for (int i = 0; i < kSweepSteps; ++i) life.step();
  life.settle(10 + static_cast<int>(count));  // each try gets further
  const std::size_t end = operations;
  vfs.set_gate({});
  if (!life.store().is_open()) return "did not recover: " + life.store().health().message;
  for (int tries = 0; tries < 3; ++tries) (void)life.store().maintain(true);
  if (life.store().health().state != StoreState::good) {
    std::string text;
    for (const std::string& line : life.log()) text += line + "\n";
    return failed + life.store().health().message + "\n" + text;
  }
  if (life.acknowledged(end) == 0) return "nothing was acknowledged";
  if (std::string problem = life.check(directory.path() / "history", end, false); !problem.empty()) {
    return problem;
  }
  life.close();
  const Result<Verification> found = verify_history(directory.path() / "history", {true, {}, {}});
  if (!found) return found.error().message;
  for (const CheckedFile& file : found->files) {
    if (file.verdict != Verdict::good) return file.file + ": " + file.problems.at(0);
  }
  return "";
}

class FullDisk : public ::testing::TestWithParam<std::size_t> {};

TEST_P(FullDisk, any_operation_that_fails_once_costs_nothing_that_was_acknowledged) {
  std::size_t all = 0;
  ASSERT_EQ(live(Scenario::kNever, 1, all), "");
  ASSERT_GT(all, 1'000U);
  const std::size_t wanted = faults_wanted() == 0 ? all : std::min(faults_wanted(), all);
  std::size_t ignored = 0;
  for (std::size_t i = GetParam(); i < wanted; i += kShares) {
    const std::size_t operation = i * all / wanted;
    ASSERT_EQ(live(operation, 1, ignored), "") << "operation " << operation << " of " << all;
  }
}

TEST_P(FullDisk, a_disk_that_stays_full_for_a_while_costs_nothing_that_was_acknowledged) {
  std::size_t all = 0;
  ASSERT_EQ(live(Scenario::kNever, 1, all), "");
  std::mt19937_64 random(GetParam());
  std::size_t ignored = 0;
  for (int i = 0; i < 8; ++i) {
    const std::size_t first = random() % all;
    const std::size_t count = 2 + random() % 60;
    ASSERT_EQ(live(first, count, ignored), "") << count << " operations from " << first << " on, of " << all;
  }
}

INSTANTIATE_TEST_SUITE_P(Shares, FullDisk, ::testing::Range<std::size_t>(0, kShares));

}  // namespace
}  // namespace picket::perf_database
