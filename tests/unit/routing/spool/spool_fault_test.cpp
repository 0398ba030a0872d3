// SPDX-License-Identifier: Apache-2.0
//
// The store on a disk that fails: cuts of the power at random moments, after which whatever was acknowledged and not
// released is there, in order, and nothing is called damaged; and every single operation of a life failing once, after
// which it goes on. The disk is the one that the history's tests have (power_cut_vfs.hpp).
//
// PICKET_SPOOL_POWER_CUTS in the environment says how many cuts there are.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "power_cut_vfs.hpp"
#include "routing/spool/store.hpp"
#include "spool_fixture.hpp"

namespace picket::routing::spool {
namespace {

namespace disk = perf_database;

constexpr std::uint64_t kDefaultCuts = 300;
constexpr std::uint64_t kCutsOfOneLife = 50;
constexpr int kLifeSteps = 60;

// A store that is used at random, and what must be in it at each moment.
class StoreLife {
 public:
  // What has happened when a call returned.
  struct Moment {
    std::size_t position = 0;          // operations of the disk so far
    std::set<std::uint64_t> safe;      // acknowledged and not released
    std::set<std::uint64_t> released;  // ever
  };

  StoreLife(std::filesystem::path folder, std::uint64_t seed, std::function<std::size_t()> position)
      : folder_(std::move(folder)), random_(seed), position_(std::move(position)) {}

  void step() {
    if (!store_ && !open()) return;
    const std::uint64_t dice = random_() % 100;
    if (dice < 50) {
      write();
    } else if (dice < 70) {
      load();
    } else if (dice < 95) {
      finish_some();
    } else {
      held_.clear();
      store_.reset();
    }
    note();
  }
  void close() { store_.reset(); }

  const Moment& before(std::size_t position) const {
    const auto after = std::upper_bound(moments_.begin(), moments_.end(), position,
                                        [](std::size_t at, const Moment& moment) { return at < moment.position; });
    static const Moment nothing;
    return after == moments_.begin() ? nothing : *std::prev(after);
  }
  // What the call that was under way may have released.
  const Moment& after(std::size_t position) const {
    const auto found = std::lower_bound(moments_.begin(), moments_.end(), position,
                                        [](const Moment& moment, std::size_t at) { return moment.position < at; });
    return found == moments_.end() ? moments_.back() : *found;
  }
  const std::set<std::uint64_t>& safe() const { return safe_; }
  const std::set<std::uint64_t>& attempted() const { return attempted_; }
  int failures() const { return failures_; }

 private:
  bool open() {
    auto opened = SpoolStore::open(folder_, names_);
    if (!opened.ok()) {
      ++failures_;
      return false;
    }
    store_ = std::move(opened).value();
    EXPECT_TRUE(store_->report().empty());
    next_ = std::max(next_, store_->next_ordinal());
    note();
    return true;
  }

  void write() {
    std::vector<BatchRef> batches;
    std::vector<NewBatch> items;
    const bool held = store_->waiting().batches == 0 && random_() % 2 == 0;
    if (random_() % 5 == 0) next_ += 3;  // those that never came to the disk
    for (std::uint64_t count = 1 + random_() % 4; count > 0; --count) {
      const auto events = static_cast<std::uint32_t>(1 + random_() % 60);
      batches.push_back(rich_batch(names_, static_cast<std::int64_t>(next_) * 100, events));
      attempted_.insert(next_);
      items.push_back({next_++, batches.back().get(), nullptr, events, held});
    }
    std::vector<std::size_t> unfit;
    if (!store_->write(items, unfit).ok()) {
      ++failures_;
      next_ = items.front().ordinal;  // tried again, as the destination does
      return;
    }
    for (const NewBatch& item : items) {
      safe_.insert(item.ordinal);
      if (held) held_.push_back(item.ordinal);
    }
  }

  void load() {
    const auto loaded = store_->load(1 + random_() % 20'000);
    if (!loaded.ok()) {
      ++failures_;
      return;
    }
    for (const StoredBatch& stored : *loaded) held_.push_back(stored.ordinal);
  }

  void finish_some() {
    for (std::uint64_t count = random_() % 5; count > 0 && !held_.empty(); --count) {
      const std::size_t pick = random_() % held_.size();
      store_->release(held_[pick]);
      safe_.erase(held_[pick]);
      released_.insert(held_[pick]);
      held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(pick));
    }
    if (random_() % 2 == 0 && !store_->commit().ok()) ++failures_;
  }

  void note() { moments_.push_back({position_(), safe_, released_}); }

  const std::filesystem::path folder_;
  std::mt19937_64 random_;
  const std::function<std::size_t()> position_;
  Names names_;
  std::unique_ptr<SpoolStore> store_;
  std::uint64_t next_ = 1;
  std::vector<std::uint64_t> held_;
  std::set<std::uint64_t> safe_, released_, attempted_;
  std::vector<Moment> moments_;
  int failures_ = 0;
};

// What is in the store after a restart; empty with an explanation when something is wrong.
std::string restart(const std::filesystem::path& folder, std::set<std::uint64_t>& found) {
  Names names;
  auto store = SpoolStore::open(folder, names);
  if (!store.ok()) return "does not open: " + store.error().message;
  std::uint64_t last = 0;
  while ((*store)->waiting().batches != 0) {
    const auto loaded = (*store)->load(1U << 20U);
    if (!loaded.ok()) return "does not load: " + loaded.error().message;
    for (const StoredBatch& stored : *loaded) {
      if (stored.ordinal <= last) return "out of order";
      last = stored.ordinal;
      if (values_of_batch(*stored.batch, names).front() != static_cast<std::int64_t>(stored.ordinal) * 100) {
        return "another batch in place of " + std::to_string(stored.ordinal);
      }
      found.insert(stored.ordinal);
    }
  }
  if (const auto report = (*store)->report(); !report.empty()) return report.front();
  return (*store)->take_lost() == 0 ? "" : "counted something as lost";
}

TEST(SpoolPowerCut, nothing_acknowledged_is_lost_and_nothing_is_damaged) {
  const char* const given = std::getenv("PICKET_SPOOL_POWER_CUTS");
  const std::uint64_t cuts = given == nullptr ? kDefaultCuts : std::strtoull(given, nullptr, 10);
  std::uint64_t done = 0;
  std::uint64_t with_something = 0;
  for (std::uint64_t seed = 1; done < cuts; ++seed) {
    const OwnFolder own;
    disk::TestVfs vfs;
    std::vector<disk::DiskOperation> operations;
    vfs.record(&operations);
    StoreLife life(own.path() / "life", seed, [&] { return operations.size(); });
    for (int i = 0; i < kLifeSteps; ++i) life.step();
    life.close();
    vfs.record(nullptr);

    std::mt19937_64 random(seed);
    std::vector<std::size_t> positions;
    for (std::uint64_t i = 0; i < std::min(kCutsOfOneLife, cuts - done); ++i) {
      positions.push_back(random() % (operations.size() + 1));
    }
    std::sort(positions.begin(), positions.end());
    disk::SimulatedDisk simulated;
    std::size_t applied = 0;
    for (const std::size_t position : positions) {
      SCOPED_TRACE("life " + std::to_string(seed) + ", cut after " + std::to_string(position) + " of " +
                   std::to_string(operations.size()) + " operations");
      for (; applied < position; ++applied) simulated.apply(operations[applied]);
      const std::filesystem::path left = own.path() / "left";
      std::filesystem::create_directories(left);
      for (const auto& [name, bytes] : simulated.cut_power(random)) {
        write_all(left / name, std::string(bytes.begin(), bytes.end()));
      }
      std::set<std::uint64_t> found;
      ASSERT_EQ(restart(left, found), "");
      const StoreLife::Moment& before = life.before(position);
      const StoreLife::Moment& after = life.after(position);
      for (const std::uint64_t ordinal : before.safe) {
        ASSERT_TRUE(found.contains(ordinal) || after.released.contains(ordinal)) << ordinal << " is lost";
      }
      for (const std::uint64_t ordinal : found) ASSERT_TRUE(life.attempted().contains(ordinal)) << ordinal;
      with_something += before.safe.empty() ? 0 : 1;
      std::filesystem::remove_all(left);
      ++done;
    }
  }
  EXPECT_GT(with_something, done / 2);
}

// Each operation fails once, in a life of its own: with the write a full disk, with the others an I/O error.
TEST(SpoolFault, a_life_in_which_one_operation_fails_goes_on_and_loses_nothing) {
  int failed = 0;
  for (std::size_t point = 0;; point += 1 + point / 24) {
    SCOPED_TRACE("operation " + std::to_string(point));
    const OwnFolder own;
    disk::TestVfs vfs;
    std::size_t count = 0;
    bool reached = false;
    vfs.set_gate([&](disk::FileAction action, const std::string&) {
      // A file that was closed with a failed reading of its size or content is looked at again by whoever opens it.
      if (action == disk::FileAction::size || action == disk::FileAction::remove) return true;
      const bool fails = count++ == point;
      reached = reached || fails;
      return !fails;
    });
    StoreLife life(own.path(), 5, [] { return std::size_t{0}; });
    for (int i = 0; i < kLifeSteps; ++i) life.step();
    life.close();
    if (!reached) break;
    vfs.set_gate(nullptr);
    failed += life.failures() != 0 ? 1 : 0;
    std::set<std::uint64_t> found;
    ASSERT_EQ(restart(own.path(), found), "");
    for (const std::uint64_t ordinal : life.safe()) ASSERT_TRUE(found.contains(ordinal)) << ordinal << " is lost";
    ASSERT_FALSE(testing::Test::HasFailure());
  }
  EXPECT_GT(failed, 20);
}

// No room for a while: what was not taken is taken later, and what is there can be read meanwhile.
TEST(SpoolFault, a_full_disk_takes_nothing_gives_everything_and_is_forgotten) {
  const OwnFolder own;
  disk::TestVfs vfs;
  Names names;
  auto opened = SpoolStore::open(own.path(), names);
  ASSERT_TRUE(opened.ok());
  SpoolStore& store = **opened;
  const BatchRef batch = rich_batch(names, 100, 50);
  std::vector<std::size_t> unfit;
  const auto write = [&](std::uint64_t ordinal) {
    const NewBatch item{ordinal, batch.get(), nullptr, 50, false};
    return store.write({&item, 1}, unfit);
  };
  ASSERT_TRUE(write(1).ok());
  ASSERT_TRUE(write(2).ok());
  vfs.set_gate([](disk::FileAction action, const std::string&) { return action != disk::FileAction::write; });
  for (int i = 0; i < 3; ++i) {
    const auto refused = write(3);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().status, PICKET_FAILED) << refused.error().message;
  }
  EXPECT_EQ(store.waiting().batches, 2U);
  const auto loaded = store.load(1);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_EQ(loaded->front().ordinal, 1U);
  store.release(1);
  EXPECT_FALSE(store.commit().ok());
  vfs.set_gate(nullptr);
  ASSERT_TRUE(write(3).ok());
  opened->reset();
  std::set<std::uint64_t> found;
  Names others;
  auto again = SpoolStore::open(own.path(), others);
  ASSERT_TRUE(again.ok());
  const auto rest = (*again)->load(1U << 20U);
  ASSERT_TRUE(rest.ok());
  ASSERT_EQ(rest->size(), 2U);
  EXPECT_EQ((*rest)[0].ordinal, 2U);
  EXPECT_EQ((*rest)[1].ordinal, 3U);
}

}  // namespace
}  // namespace picket::routing::spool
