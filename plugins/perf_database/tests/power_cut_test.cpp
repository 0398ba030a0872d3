// SPDX-License-Identifier: Apache-2.0
//
// Cuts of the power at random moments of a store's life. Whatever the disk kept of what was not synced: every file is
// whole, nothing that was acknowledged is lost, nothing is wrong or there twice, and the history goes on.
//
// PICKET_POWER_CUTS in the environment says how many cuts there are, PICKET_POWER_CUT_SEED with which seed they begin.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "power_cut_scenario.hpp"
#include "power_cut_vfs.hpp"
#include "store_fixture.hpp"
#include "verify.hpp"

namespace picket::perf_database {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kDefaultCuts = 300;
constexpr std::uint64_t kCutsOfOneLife = 100;
constexpr std::uint64_t kCutShares = 6;  // each a test of its own, so that they run side by side
constexpr int kSteps = 140;

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

void write_files(const fs::path& directory, const DiskContent& content) {
  fs::create_directories(directory);
  for (const auto& [name, bytes] : content) {
    std::ofstream file(directory / name, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
}

// The whole history as it must be after a restart; empty: it is.
std::string restart(const fs::path& directory, const Scenario& life, std::size_t position) {
  StoreSettings settings = life.settings();
  settings.directory = directory;
  settings.keep_raw_ns = kForever;  // what is checked must not go meanwhile
  const std::int64_t now = life.now(position);
  std::string log;
  Store store(
      settings, [&] { return now; }, [&](std::uint32_t, const std::string& line) { log += line + "; "; });
  if (const Result<void> opened = store.open(); !opened) return "does not open: " + opened.error().message;
  if (store.health().state != StoreState::good) return store.health().message + "; " + log;
  if (std::string problem = life.check(directory, position, true); !problem.empty()) return "at first: " + problem;
  if (const Result<std::size_t> sealed = store.maintain(true); !sealed) return "maintain: " + sealed.error().message;
  if (std::string problem = life.check(directory, position, true); !problem.empty()) return "sealed: " + problem;
  const Result<Verification> found = verify_history(directory, {true, {}, {}});
  if (!found) return "verify: " + found.error().message;
  for (const CheckedFile& file : found->files) {
    if (file.verdict != Verdict::good) return "verify: " + file.file + ": " + file.problems.at(0);
  }
  const Result<SeriesId> id = store.resolve({"box", "host", "after", "{}", "1", 1, -1});
  if (!id) return id.error().message;
  const Tick tick{now, {{*id, 1}}};
  if (!store.append(store.epoch(), std::span(&tick, 1)) || !store.commit()) return "writing: " + store.health().message;
  return "";
}

class PowerCut : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(PowerCut, nothing_is_damaged_and_nothing_acknowledged_is_lost) {
  const std::uint64_t cuts = number_from_environment("PICKET_POWER_CUTS", kDefaultCuts) / kCutShares;
  const std::uint64_t first_seed = number_from_environment("PICKET_POWER_CUT_SEED", 1) + 1'000'000 * GetParam();
  std::uint64_t done = 0;
  std::uint64_t with_acknowledged = 0;
  std::uint64_t with_unsynced = 0;
  for (std::uint64_t seed = first_seed; done < cuts; ++seed) {
    const TempDirectory directory;
    TestVfs vfs;
    std::vector<DiskOperation> operations;
    vfs.record(&operations);
    Scenario life(directory.path() / "life", seed, [&] { return operations.size(); });
    for (int i = 0; i < kSteps; ++i) life.step();
    life.close();
    vfs.record(nullptr);

    std::mt19937_64 random(seed);
    std::vector<std::size_t> positions;
    for (std::uint64_t i = 0; i < std::min(kCutsOfOneLife, cuts - done); ++i) {
      positions.push_back(random() % (operations.size() + 1));
    }
    std::sort(positions.begin(), positions.end());
    SimulatedDisk disk;
    std::size_t applied = 0;
    for (const std::size_t position : positions) {
      for (; applied < position; ++applied) disk.apply(operations[applied]);
      const fs::path left = directory.path() / "left";
      write_files(left, disk.cut_power(random));
      ASSERT_EQ(restart(left, life, position), "") << "life " << seed << ", cut after " << position << " of "
                                                   << operations.size() << " operations, number " << done;
      fs::remove_all(left);
      with_acknowledged += life.acknowledged(position) != 0 ? 1 : 0;
      with_unsynced += disk.unsynced() != 0 ? 1 : 0;
      ++done;
    }
  }
  RecordProperty("cuts", std::to_string(done));
  EXPECT_GT(with_acknowledged, done / 2);
  EXPECT_GT(with_unsynced, done / 2);
}

INSTANTIATE_TEST_SUITE_P(Shares, PowerCut, ::testing::Range<std::uint64_t>(0, kCutShares));

}  // namespace
}  // namespace picket::perf_database
