// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "routing/spool/folders.hpp"
#include "routing/spool/store.hpp"
#include "spool_world.hpp"

namespace picket::routing::spool {
namespace {

using platform::kSecond;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class RouterSpool : public testing::Test {
 protected:
  RouterSpool() { begin(); }
  void TearDown() override {
    if (!life) return;
    life->run();
    for (const DestinationStatus& status : life->router->status()) EXPECT_TRUE(status.ledger.balanced());
    life->router->close();
  }
  void begin() { life.emplace(folder.path()); }
  void crash() {
    life.reset();
    begin();
  }
  std::uint64_t stop() {
    const std::uint64_t dropped = life->router->close();
    for (const DestinationStatus& status : life->router->status()) EXPECT_TRUE(status.ledger.balanced());
    life->run();
    crash();
    return dropped;
  }
  void apply(const config::QueueSettings& queue) { life->apply({route("r", {"in"}, "", {"out"}, queue)}); }
  Ledger ledger() { return life->ledger("r", "out"); }

  OwnFolder folder;
  std::optional<SpoolLife> life;
};

TEST_F(RouterSpool, durable_answers_the_source_when_the_disk_has_it_and_delivers_after_a_crash) {
  apply(durable_queue());
  EXPECT_EQ(life->emit("in", {1, 2}, 7), PICKET_OK);
  EXPECT_THAT(life->source->answers, IsEmpty());
  life->run();
  EXPECT_TRUE(life->answered(7, PICKET_OK));
  EXPECT_EQ(life->emit("in", {3}, 8), PICKET_OK);
  life->run();
  EXPECT_EQ(ledger().queued, 3U);
  EXPECT_TRUE(ledger().balanced());

  crash();
  apply(durable_queue());
  const auto sink = life->attach("out");
  life->run();
  EXPECT_THAT(sink->taken, ElementsAre(1, 2, 3));
  EXPECT_THAT(sink->flags, Each(PICKET_DELIVERY_AGAIN));
  EXPECT_EQ(ledger().recovered, 3U);
  EXPECT_EQ(ledger().in, 3U);
  EXPECT_EQ(ledger().delivered, 3U);
  EXPECT_TRUE(ledger().balanced());

  crash();
  apply(durable_queue());
  const auto again = life->attach("out");
  life->run();
  EXPECT_THAT(again->taken, IsEmpty()) << "what the sink has taken is released";
}

TEST_F(RouterSpool, durable_delivers_from_memory_without_reading_back) {
  apply(durable_queue());
  const auto sink = life->attach("out");
  EXPECT_EQ(life->emit("in", {1}, 1), PICKET_OK);
  life->run();
  EXPECT_THAT(sink->taken, ElementsAre(1));
  EXPECT_THAT(sink->flags, ElementsAre(0U));
  EXPECT_EQ(life->status("r", "out").spool->bytes, 0U);
}

TEST_F(RouterSpool, spill_puts_on_disk_only_what_does_not_fit_and_keeps_the_order) {
  apply(spill_queue(4));
  life->run();
  for (std::int64_t value = 1; value <= 10; ++value) {
    EXPECT_EQ(life->emit("in", {value}, static_cast<std::uint64_t>(value)), PICKET_OK);
    life->run();
  }
  EXPECT_EQ(ledger().queued, 4U);
  EXPECT_EQ(ledger().spooled, 6U);
  EXPECT_FALSE(life->answered(4, PICKET_OK)) << "what is in memory alone is not safe yet";
  EXPECT_TRUE(life->answered(5, PICKET_OK));
  EXPECT_TRUE(life->answered(10, PICKET_OK));
  const auto sink = life->attach("out");
  life->run();
  EXPECT_THAT(sink->taken, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
  EXPECT_TRUE(life->answered(4, PICKET_OK));
  EXPECT_EQ(ledger().spooled, 0U);
  EXPECT_EQ(life->emit("in", {11}, 11), PICKET_OK);
  EXPECT_EQ(life->status("r", "out").spool->bytes, 0U);
  life->run();
  EXPECT_THAT(sink->taken, Contains(11));
}

TEST_F(RouterSpool, a_stop_keeps_what_is_in_memory_in_its_place_before_what_is_on_disk) {
  apply(spill_queue(3));
  life->run();
  for (std::int64_t value = 1; value <= 6; ++value) {
    life->emit("in", {value}, static_cast<std::uint64_t>(value));
    life->run();
  }
  const auto source = life->source;
  EXPECT_EQ(stop(), 0U);
  for (std::uint64_t token = 1; token <= 6; ++token) {
    EXPECT_THAT(source->answers[token], ElementsAre(PICKET_OK)) << token;
  }
  apply(spill_queue(3));
  const auto sink = life->attach("out");
  life->run();
  EXPECT_THAT(sink->taken, ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST_F(RouterSpool, a_full_spool_holds_the_source_until_the_sink_has_made_room) {
  config::QueueSettings queue = durable_queue();
  queue.spool = 4'096;
  apply(queue);
  life->run();
  std::int64_t taken = 0;
  while (taken < 1'000 && life->emit("in", {taken}) == PICKET_OK) {
    ++taken;
    life->run();
  }
  EXPECT_GT(taken, 5);
  EXPECT_LT(taken, 100);
  EXPECT_THAT(life->source->ready, IsEmpty());
  const auto sink = life->attach("out");
  life->run();
  EXPECT_EQ(life->source->ready.size(), 1U);
  EXPECT_EQ(sink->taken.size(), static_cast<std::size_t>(taken));
  EXPECT_EQ(life->emit("in", {taken}), PICKET_OK);
}

TEST_F(RouterSpool, a_full_spool_can_drop_the_newest_or_the_oldest_and_counts_them) {
  config::QueueSettings queue = durable_queue();
  queue.spool = 4'096;
  queue.on_full = config::OnFull::drop_newest;
  apply(queue);
  for (std::int64_t value = 0; value < 100; ++value) {
    EXPECT_EQ(life->emit("in", {value}), PICKET_OK);
    life->run();
  }
  const Ledger newest = ledger();
  EXPECT_GT(newest.dropped[static_cast<int>(DropReason::full)], 50U);
  EXPECT_TRUE(newest.balanced());

  life->router->close();
  life.reset();
  std::filesystem::remove_all(folder.path() / kSpoolFolder);
  begin();
  queue.on_full = config::OnFull::drop_oldest;
  queue.events = 1;
  apply(queue);
  life->run();
  for (std::int64_t value = 0; value < 100; ++value) {
    EXPECT_EQ(life->emit("in", {value}), PICKET_OK);
    life->run();
  }
  EXPECT_GT(ledger().dropped[static_cast<int>(DropReason::full)], 50U);
  EXPECT_TRUE(ledger().balanced());
  const auto sink = life->attach("out");
  life->run();
  EXPECT_EQ(sink->taken.back(), 99);
  EXPECT_THAT(sink->lost_before, Contains(testing::Gt(50U)));
}

TEST_F(RouterSpool, what_a_sink_refuses_is_in_a_dead_letter_file_before_it_leaves_the_spool) {
  apply(durable_queue());
  const auto sink = life->attach("out");
  sink->next = {PICKET_REFUSED, PICKET_OK, PICKET_PENDING};
  life->emit("in", {1, 2}, 1);
  life->emit("in", {3}, 2);
  life->emit("in", {4, 5, 6}, 3);
  life->run();
  ASSERT_EQ(sink->pending.size(), 1U);
  const std::uint32_t second = 1;
  life->router->done(sink->pending[0].first, PICKET_OK, {&second, 1});
  life->run();
  EXPECT_EQ(ledger().dead, 3U);
  EXPECT_EQ(ledger().delivered, 3U);
  EXPECT_EQ(life->status("r", "out").spool->bytes, 0U);
  const std::string lines = read_all(folder.path() / kDeadFolder / "r" / "out" / kLettersFile);
  std::vector<std::int64_t> values;
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);) {
    const auto letter = nlohmann::json::parse(line);
    EXPECT_EQ(letter["reason"], "refused");
    EXPECT_EQ(letter["route"], "r");
    EXPECT_EQ(letter["destination"], "out");
    EXPECT_EQ(letter["time"], "2023-11-14T22:13:20.000000000Z");
    EXPECT_EQ(letter["event"]["kind"], "metric");
    values.push_back(letter["event"]["value"]);
  }
  EXPECT_THAT(values.size(), 3U);
  EXPECT_THAT(values, ElementsAre(1, 2, 5));
}

TEST_F(RouterSpool, dead_letters_are_rotated_within_their_limit_and_can_be_turned_off) {
  life->host->set_dead_letters(true, 8'192);
  apply({});
  const auto sink = life->attach("out");
  sink->otherwise = PICKET_FAILED;
  for (std::int64_t value = 0; value < 200; ++value) {
    life->emit("in", {value});
    life->run();
  }
  const auto dead = folder.path() / kDeadFolder / "r" / "out";
  EXPECT_LE(std::filesystem::file_size(dead / kLettersFile) + std::filesystem::file_size(dead / kOlderLettersFile),
            8'192U);
  EXPECT_THAT(read_all(dead / kLettersFile), HasSubstr("\"reason\":\"failed\""));
  EXPECT_THAT(read_all(dead / kLettersFile), HasSubstr("\"value\":199"));
  life->host->set_dead_letters(false, 8'192);
  std::filesystem::remove_all(folder.path() / kDeadFolder);
  life->emit("in", {1});
  life->run();
  EXPECT_FALSE(std::filesystem::exists(folder.path() / kDeadFolder));
  EXPECT_EQ(ledger().dead, 201U);
}

TEST_F(RouterSpool, a_removed_routes_backlog_is_kept_and_goes_on_when_the_route_returns) {
  apply(spill_queue(2));
  life->run();
  for (std::int64_t value = 1; value <= 5; ++value) {
    life->emit("in", {value});
    life->run();
  }
  life->apply({});
  const auto sink = life->attach("out");
  life->run();
  EXPECT_THAT(sink->taken, ElementsAre(1, 2)) << "what is in memory still goes, what is on disk stays";
  apply(spill_queue(2));
  life->run();
  EXPECT_THAT(sink->taken, ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(RouterSpool, a_removed_routes_backlog_waits_through_restarts) {
  apply(durable_queue());
  life->emit("in", {1, 2, 3});
  life->run();
  stop();
  life->apply({route("other", {"in"}, "", {"out"})});
  const auto sink = life->attach("out");
  life->run();
  EXPECT_THAT(sink->taken, IsEmpty());
  stop();
  apply(durable_queue());
  const auto later = life->attach("out");
  life->run();
  EXPECT_THAT(later->taken, ElementsAre(1, 2, 3));
}

TEST_F(RouterSpool, a_route_that_returns_before_it_was_gone_goes_on_with_what_it_held) {
  apply(durable_queue());
  life->emit("in", {1});
  life->run();
  life->apply({});
  apply(durable_queue());
  EXPECT_EQ(life->emit("in", {2}, 9), PICKET_OK);
  life->run();
  EXPECT_TRUE(life->answered(9, PICKET_OK));
  const auto sink = life->attach("out");
  life->run();
  EXPECT_THAT(sink->taken, ElementsAre(1, 2));
}

TEST_F(RouterSpool, a_backlog_is_delivered_when_the_settings_have_no_spool_any_more) {
  apply(durable_queue());
  life->emit("in", {1, 2});
  life->run();
  stop();
  apply({});
  EXPECT_EQ(life->emit("in", {3}, 3), PICKET_OK);
  life->run();
  const auto sink = life->attach("out");
  life->run();
  EXPECT_THAT(sink->taken, ElementsAre(1, 2, 3));
  // From now on it is an ordinary queue.
  life->emit("in", {4}, 4);
  EXPECT_EQ(life->status("r", "out").spool->bytes, 0U);
  life->run();
  EXPECT_TRUE(life->answered(4, PICKET_OK));
}

TEST_F(RouterSpool, a_reload_can_give_a_running_queue_a_spool) {
  config::QueueSettings queue;
  queue.events = 2;
  apply(queue);
  EXPECT_EQ(life->emit("in", {1, 2}), PICKET_OK);
  EXPECT_EQ(life->emit("in", {3}), PICKET_BUSY);
  apply(spill_queue(2));
  EXPECT_EQ(life->source->ready.size(), 1U);
  EXPECT_EQ(life->emit("in", {3}), PICKET_OK);
  life->run();
  EXPECT_EQ(ledger().spooled, 1U);
  const auto sink = life->attach("out");
  life->run();
  EXPECT_THAT(sink->taken, ElementsAre(1, 2, 3));
}

TEST_F(RouterSpool, a_folder_that_cannot_be_made_holds_the_source_and_goes_on_by_itself) {
  write_all(folder.path() / kSpoolFolder, "in the way");
  config::QueueSettings queue = durable_queue();
  queue.bytes = 4'096;
  apply(queue);
  life->run();
  EXPECT_THAT(life->reports, ElementsAre(HasSubstr("r -> out: the spool fails: cannot make")));
  std::int64_t taken = 0;
  while (taken < 1'000 && life->emit("in", {taken}, static_cast<std::uint64_t>(taken) + 1) == PICKET_OK) ++taken;
  EXPECT_GT(taken, 5);
  EXPECT_LT(taken, 100);
  EXPECT_THAT(life->source->answers, IsEmpty());
  EXPECT_THAT(life->status("r", "out").spool->problem, HasSubstr("cannot make"));
  std::filesystem::remove(folder.path() / kSpoolFolder);
  life->run_for(10 * kSecond);
  EXPECT_EQ(life->source->answers.size(), static_cast<std::size_t>(taken));
  EXPECT_EQ(life->source->ready.size(), 1U);
  EXPECT_EQ(life->status("r", "out").spool->problem, "");
  EXPECT_THAT(life->reports, Contains(HasSubstr("the spool works again")));
}

TEST_F(RouterSpool, a_damaged_spool_is_named_counted_and_no_reason_not_to_go_on) {
  apply(durable_queue());
  for (std::int64_t value = 0; value < 20; ++value) life->emit("in", {value});
  life->run();
  stop();
  const auto file = folder.path() / kSpoolFolder / "r" / "out" / kSpoolFile;
  write_all(file, "SQLite format 3" + std::string(5'000, '\0'));
  apply(durable_queue());
  life->run();
  EXPECT_THAT(life->reports, Contains(HasSubstr("set aside as")));
  EXPECT_EQ(life->emit("in", {99}, 1), PICKET_OK);
  const auto sink = life->attach("out");
  life->run();
  EXPECT_THAT(sink->taken, Contains(99));
  EXPECT_TRUE(ledger().balanced());
}

TEST_F(RouterSpool, a_drain_does_not_wait_for_a_sink_that_takes_nothing_when_all_is_on_disk) {
  apply(durable_queue());
  const auto sink = life->attach("out");
  sink->otherwise = PICKET_BUSY;
  life->emit("in", {1, 2});
  life->run();
  bool drained = false;
  life->router->when_drained("out", [&] { drained = true; });
  life->run_for(10 * kSecond);
  EXPECT_TRUE(drained);
}

TEST_F(RouterSpool, what_is_kept_for_nobody_is_named) {
  apply(durable_queue());
  life->emit("in", {1, 2, 3});
  life->run();
  EXPECT_THAT(life->host->kept_for_nobody(routes({route("r", {"in"}, "", {"out"})})), IsEmpty());
  EXPECT_THAT(life->host->kept_for_nobody({}), ElementsAre("r -> out: 3 events"));
}

TEST_F(RouterSpool, steps_before_it_change_nothing_about_durability) {
  config::Route with_steps = route("r", {"in"}, "", {"out"}, durable_queue());
  with_steps.queue = durable_queue();
  with_steps.steps.push_back({"set", R"({"fields":{"site":"north"}})", {}});
  life->apply({with_steps});
  EXPECT_EQ(life->emit("in", {1, 2}, 5), PICKET_OK);
  life->run();
  EXPECT_TRUE(life->answered(5, PICKET_OK));
  crash();
  life->apply({with_steps});
  const auto sink = life->attach("out");
  life->run();
  EXPECT_THAT(sink->taken, ElementsAre(1, 2));
}

TEST_F(RouterSpool, a_sink_that_goes_away_gets_again_what_it_had_not_finished) {
  apply(durable_queue());
  auto sink = life->attach("out");
  sink->otherwise = PICKET_PENDING;
  life->emit("in", {1, 2}, 1);
  life->run();
  EXPECT_TRUE(life->answered(1, PICKET_OK)) << "it is on disk";
  life->router->pause("out");
  life->run();
  life->router->detach("out");
  crash();
  apply(durable_queue());
  sink = life->attach("out");
  life->run();
  EXPECT_THAT(sink->taken, ElementsAre(1, 2));
}

}  // namespace
}  // namespace picket::routing::spool
