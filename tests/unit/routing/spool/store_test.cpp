// SPDX-License-Identifier: Apache-2.0
#include "routing/spool/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "routing/spool/folders.hpp"
#include "spool_fixture.hpp"

namespace picket::routing::spool {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class SpoolStoreTest : public testing::Test {
 protected:
  void open() {
    store_.reset();
    auto opened = SpoolStore::open(folder_.path(), names_);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    store_ = std::move(opened).value();
  }
  void SetUp() override { open(); }

  // Batches of two events, whose first value is ten times the ordinal.
  void write(std::vector<std::uint64_t> ordinals, bool held = false) {
    std::vector<BatchRef> batches;
    std::vector<NewBatch> items;
    for (const std::uint64_t ordinal : ordinals) {
      batches.push_back(rich_batch(names_, static_cast<std::int64_t>(ordinal) * 10, 2));
      items.push_back({ordinal, batches.back().get(), nullptr, 2, held});
    }
    std::vector<std::size_t> unfit;
    const auto written = store_->write(items, unfit);
    ASSERT_TRUE(written.ok()) << written.error().message;
    ASSERT_THAT(unfit, IsEmpty());
  }

  std::vector<std::uint64_t> load(std::uint64_t max_bytes = 1U << 20U) {
    auto loaded = store_->load(max_bytes);
    EXPECT_TRUE(loaded.ok()) << loaded.error().message;
    std::vector<std::uint64_t> ordinals;
    if (!loaded.ok()) return ordinals;
    for (const StoredBatch& stored : *loaded) {
      const auto first = static_cast<std::int64_t>(stored.ordinal) * 10;
      EXPECT_THAT(values_of_batch(*stored.batch, names_), ElementsAre(first, first + 1));
      ordinals.push_back(stored.ordinal);
    }
    return ordinals;
  }

  OwnFolder folder_;
  Names names_;
  std::unique_ptr<SpoolStore> store_;
};

TEST_F(SpoolStoreTest, what_was_written_is_loaded_in_order_after_a_restart) {
  write({5, 6});
  write({7});
  open();
  EXPECT_EQ(store_->waiting().events, 6U);
  EXPECT_EQ(store_->next_ordinal(), 8U);
  EXPECT_THAT(load(), ElementsAre(5, 6, 7));
  EXPECT_EQ(store_->waiting().events, 0U);
  EXPECT_THAT(load(), IsEmpty());
}

TEST_F(SpoolStoreTest, what_was_released_is_gone_and_what_was_loaded_alone_is_not) {
  write({1, 2, 3, 4});
  EXPECT_THAT(load(), SizeIs(4));
  store_->release(1);
  store_->release(3);
  store_->release(3);
  store_->release(77);
  ASSERT_TRUE(store_->commit().ok());
  open();
  EXPECT_THAT(load(), ElementsAre(2, 4));
}

TEST_F(SpoolStoreTest, what_is_held_is_not_loaded_before_the_next_start) {
  write({1, 2}, true);
  EXPECT_EQ(store_->waiting().batches, 0U);
  EXPECT_GT(store_->live_bytes(), 0U);
  EXPECT_THAT(load(), IsEmpty());
  write({3});
  EXPECT_THAT(load(), ElementsAre(3));
  open();
  EXPECT_THAT(load(), ElementsAre(1, 2, 3));
}

TEST_F(SpoolStoreTest, loads_as_much_as_was_asked_for_and_at_least_one) {
  write({1, 2, 3});
  EXPECT_THAT(load(1), ElementsAre(1));
  EXPECT_THAT(load(1), ElementsAre(2));
  EXPECT_THAT(load(), ElementsAre(3));
}

TEST_F(SpoolStoreTest, ordinals_between_those_that_are_there_come_in_their_place) {
  write({10, 11});
  write({3, 4}, true);
  open();
  EXPECT_THAT(load(), ElementsAre(3, 4, 10, 11));
}

TEST_F(SpoolStoreTest, the_oldest_can_be_dropped_and_says_how_much_it_was) {
  write({1, 2, 3});
  EXPECT_THAT(load(1), ElementsAre(1));
  EXPECT_EQ(store_->drop_oldest().value(), 2U);
  EXPECT_THAT(load(), ElementsAre(3));
  ASSERT_TRUE(store_->commit().ok());
  EXPECT_EQ(store_->drop_oldest().value(), 0U);
  open();
  EXPECT_THAT(load(), ElementsAre(1, 3));
}

TEST_F(SpoolStoreTest, one_that_no_spool_can_keep_costs_the_others_nothing) {
  const BatchRef good = rich_batch(names_, 10, 2);
  picket_batch* const bad = batch_new(1, 1, 0);
  const BatchRef own = BatchRef::adopt(bad);
  picket_batch_event(bad, names_.intern("log"));
  picket_batch_int(bad, 4'000'000, 1);
  const std::vector<NewBatch> items = {{1, good.get(), nullptr, 2, false}, {2, bad, nullptr, 1, false}};
  std::vector<std::size_t> unfit;
  ASSERT_TRUE(store_->write(items, unfit).ok());
  EXPECT_THAT(unfit, ElementsAre(1));
  EXPECT_EQ(store_->waiting().batches, 1U);
}

TEST_F(SpoolStoreTest, nobody_else_can_open_it_but_everybody_can_look) {
  write({1, 2});
  const auto second = SpoolStore::open(folder_.path(), names_);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().status, PICKET_REFUSED);
  std::vector<std::uint64_t> seen;
  const auto looked = visit_spool(folder_.path() / kSpoolFile, names_, true, [&](const Visited& visited) {
    EXPECT_EQ(visited.problem, "");
    EXPECT_EQ(visited.events, 2U);
    seen.push_back(visited.ordinal);
    return true;
  });
  ASSERT_TRUE(looked.ok()) << looked.error().message;
  EXPECT_THAT(seen, ElementsAre(1, 2));
}

TEST_F(SpoolStoreTest, a_file_that_is_no_database_is_set_aside_and_the_next_is_good) {
  write({1});
  store_.reset();
  write_all(folder_.path() / kSpoolFile, std::string(20'000, 'x'));
  std::filesystem::remove(folder_.path() / "spool.db-wal");
  open();
  EXPECT_THAT(store_->report(), ElementsAre(HasSubstr("set aside as")));
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / kSetAside / "spool.db.1"));
  EXPECT_EQ(store_->waiting().batches, 0U);
  write({1});
  EXPECT_THAT(load(), ElementsAre(1));
}

TEST_F(SpoolStoreTest, a_file_of_a_later_version_is_set_aside_too) {
  write({1});
  store_.reset();
  {
    auto other = Database::open(folder_.path() / kSpoolFile, OpenMode::read_write);
    ASSERT_TRUE(other.ok());
    ASSERT_TRUE((*other)->execute("PRAGMA user_version=2").ok());
  }
  open();
  EXPECT_THAT(store_->report(), ElementsAre(HasSubstr("version is 2")));
  // What has the same tables can be read all the same.
  EXPECT_THAT(load(), ElementsAre(1));
}

TEST_F(SpoolStoreTest, a_batch_with_a_wrong_checksum_is_set_aside_alone_and_counted) {
  write({1, 2, 3});
  store_.reset();
  {
    auto other = Database::open(folder_.path() / kSpoolFile, OpenMode::read_write);
    ASSERT_TRUE(other.ok());
    ASSERT_TRUE((*other)->execute("UPDATE data SET crc = crc + 1 WHERE ordinal = 2").ok());
  }
  open();
  EXPECT_EQ(store_->waiting().events, 6U);
  EXPECT_THAT(load(), ElementsAre(1, 3));
  EXPECT_EQ(store_->take_lost(), 2U);
  EXPECT_THAT(store_->report(), ElementsAre(HasSubstr("batch 2 of the spool was damaged (its checksum is wrong)")));
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / kSetAside / "batch-2.1"));
  ASSERT_TRUE(store_->commit().ok());
  open();
  EXPECT_THAT(load(), ElementsAre(1, 3));
}

TEST_F(SpoolStoreTest, gives_room_back_when_a_large_backlog_is_over) {
  const BatchRef large = rich_batch(names_, 0, 20'000);
  std::vector<std::size_t> unfit;
  for (std::uint64_t ordinal = 1; ordinal <= 9; ++ordinal) {
    const NewBatch item{ordinal, large.get(), nullptr, large->event_count, true};
    ASSERT_TRUE(store_->write({&item, 1}, unfit).ok());
  }
  const auto grown = std::filesystem::file_size(folder_.path() / kSpoolFile);
  for (std::uint64_t ordinal = 1; ordinal <= 9; ++ordinal) store_->release(ordinal);
  ASSERT_TRUE(store_->commit().ok());
  EXPECT_EQ(store_->live_bytes(), 0U);
  EXPECT_LT(std::filesystem::file_size(folder_.path() / kSpoolFile), grown / 10);
}

// Whatever is done to the file while nobody has it, it opens, says so if it finds anything, and gives back batches that
// are whole, in order.
TEST_F(SpoolStoreTest, damage_anywhere_never_keeps_it_from_opening) {
  for (std::uint64_t ordinal = 1; ordinal <= 60; ++ordinal) write({ordinal});
  store_.reset();
  const std::string good = read_all(folder_.path() / kSpoolFile);
  std::mt19937 random(11);
  std::uint64_t intact = 0;
  for (int round = 0; round < 120; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    const OwnFolder other;
    std::string bad = good;
    if (round % 4 == 0) {
      bad.resize(random() % bad.size());
    } else if (round % 4 == 1) {
      for (std::size_t i = 0, at = random() % bad.size(); i < 512 && at + i < bad.size(); ++i) bad[at + i] = '\0';
    } else {
      for (int flips = 0; flips < (round % 4 == 2 ? 1 : 40); ++flips) {
        bad[random() % bad.size()] ^= static_cast<char>(1U << random() % 8);
      }
    }
    write_all(other.path() / kSpoolFile, bad);
    auto opened = SpoolStore::open(other.path(), names_);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    std::uint64_t last = 0;
    for (;;) {
      auto loaded = (*opened)->load(1U << 20U);
      ASSERT_TRUE(loaded.ok()) << loaded.error().message;
      if (loaded->empty() && (*opened)->waiting().batches == 0) break;
      for (const StoredBatch& stored : *loaded) {
        EXPECT_GT(stored.ordinal, last);
        last = stored.ordinal;
        ++intact;
      }
    }
    std::vector<std::size_t> unfit;
    const BatchRef more = rich_batch(names_, 0, 1);
    const NewBatch item{(*opened)->next_ordinal(), more.get(), nullptr, 1, false};
    EXPECT_TRUE((*opened)->write({&item, 1}, unfit).ok());
  }
  EXPECT_GT(intact, 120U * 60 / 4) << "little of what was good could be read";
}

TEST(SpoolFolders, every_name_has_a_folder_of_its_own_and_comes_back) {
  for (const char* name : {"trouble", "Trouble", "jobs.restart", "a-b_c9", "ABC", ".hidden", "x y/z"}) {
    const std::string folder = folder_of_name(name);
    EXPECT_EQ(name_of_folder(folder), name) << folder;
    EXPECT_EQ(folder.find('/'), std::string::npos);
  }
  EXPECT_EQ(folder_of_name("Trouble"), "+trouble");
  for (const char* folder : {"", "Trouble", "+", "+9", "a=4", "=zz", "..", "a b"}) {
    EXPECT_FALSE(name_of_folder(folder).has_value()) << folder;
  }
}

}  // namespace
}  // namespace picket::routing::spool
