// SPDX-License-Identifier: Apache-2.0
#include "routing/recorder/recorder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "fakes.hpp"
#include "platform/virtual_executor.hpp"
#include "routing/recorder/recording.hpp"

namespace picket::routing {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class RecorderTest : public testing::Test {
 protected:
  static constexpr std::uint64_t kSize = Recorder::kLeastSize;

  BatchRef batch(const std::vector<std::int64_t>& values) { return BatchRef::adopt(make_batch(names_, values)); }
  void add(const BatchRef& each) { Recorder::Entry(recorder_).add(each.get()); }

  static std::vector<json> lines_of(const Recorder::Contents& contents, const Names& names) {
    std::vector<json> lines;
    recording_lines(contents, names, [&](std::string_view line) { lines.push_back(json::parse(line)); });
    return lines;
  }
  static std::vector<std::string> texts_of(const Recorder::Contents& contents, const Names& names) {
    std::vector<std::string> lines;
    recording_lines(contents, names, [&](std::string_view line) { lines.emplace_back(line); });
    return lines;
  }

  std::string crash_record(Recorder& recorder) {
    std::string bytes;
    const CrashReason reason{1'700'000'000'000'000'000, 0x10, 7, 8, 11, 1};
    write_crash_record(recorder, names_, reason,
                       {[](void* context, const void* data, std::size_t length) {
                          static_cast<std::string*>(context)->append(static_cast<const char*>(data), length);
                          return true;
                        },
                        &bytes});
    return bytes;
  }

  std::shared_ptr<platform::VirtualExecutor> executor_ = std::make_shared<platform::VirtualExecutor>();
  Names names_;
  Recorder recorder_{kSize, executor_->clock()};
};

TEST_F(RecorderTest, holds_batches_by_reference_and_lets_the_oldest_go) {
  const std::int64_t before = live_batches();
  for (int i = 0; i < 10'000; ++i) add(batch({i, i + 1}));
  const Recorder::Contents contents = recorder_.contents();
  EXPECT_GT(contents.batches.size(), 50U);
  const picket_batch& last = *contents.batches.back().batch;
  EXPECT_EQ(last.fields[1].value.i, 9'999);
  EXPECT_EQ(live_batches() - before, static_cast<std::int64_t>(contents.batches.size()));
  EXPECT_LE(recorder_.held_bytes(), kSize);
}

TEST_F(RecorderTest, stays_below_its_size_whatever_comes) {
  std::vector<std::int64_t> many(300, 1);
  for (int i = 0; i < 500; ++i) {
    add(batch({1}));
    add(batch(many));
    executor_->run_for(platform::kMillisecond);
    recorder_.add_log("{\"message\":\"" + std::string(static_cast<std::size_t>(i), 'x') + "\"}");
    recorder_.add(Decision{});
    ASSERT_LE(recorder_.held_bytes(), kSize);
  }
}

TEST_F(RecorderTest, of_a_batch_that_is_too_large_the_last_events_are_kept) {
  std::vector<std::int64_t> many(5'000);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = static_cast<std::int64_t>(i);
  executor_->run_for(platform::kSecond);
  add(batch(many));
  const Recorder::Contents contents = recorder_.contents();
  ASSERT_THAT(contents.batches, SizeIs(1));
  const auto lines = lines_of(contents, names_);
  ASSERT_THAT(lines, SizeIs(64));
  EXPECT_EQ(lines.back()["value"], 4'999);
  add(batch(many));  // within the same millisecond: no second copy
  EXPECT_EQ(recorder_.contents().left_out, 1U);
}

TEST_F(RecorderTest, log_lines_wrap_around_and_long_ones_are_counted) {
  for (int i = 0; i < 1'000; ++i) recorder_.add_log("{\"n\":" + std::to_string(i) + "}");
  recorder_.add_log(std::string(Recorder::kMaxLine + 1, 'x'));
  const Recorder::Contents contents = recorder_.contents();
  ASSERT_FALSE(contents.lines.empty());
  EXPECT_EQ(contents.lines.back().text, "{\"n\":999}");
  int expected = 1'000 - static_cast<int>(contents.lines.size());
  for (const Recorder::Line& line : contents.lines) EXPECT_EQ(line.text, "{\"n\":" + std::to_string(expected++) + "}");
  EXPECT_EQ(contents.left_out, 1U);
}

TEST_F(RecorderTest, lines_come_in_the_order_of_recording) {
  recorder_.add_log(R"({"time":"t","message":"first"})");
  add(batch({1}));
  Decision decision;
  decision.kind = static_cast<std::uint32_t>(DecisionKind::dropped);
  decision.route = names_.intern("r");
  decision.destination = names_.intern("siem");
  decision.dropped = 3;
  recorder_.add(decision);
  recorder_.add_log(R"({"time":"t","message":"last"})");
  const auto lines = lines_of(recorder_.contents(), names_);
  ASSERT_THAT(lines, SizeIs(4));
  EXPECT_EQ(lines[0]["record"], "log");
  EXPECT_EQ(lines[0]["message"], "first");
  EXPECT_FALSE(lines[1].contains("record"));
  EXPECT_EQ(lines[1]["kind"], "metric");
  EXPECT_EQ(lines[2]["record"], "decision");
  EXPECT_EQ(lines[2]["decision"], "dropped");
  EXPECT_EQ(lines[2]["to"], "siem");
  EXPECT_EQ(lines[2]["reason"], "full");
  EXPECT_EQ(lines[3]["message"], "last");
}

TEST_F(RecorderTest, off_records_nothing) {
  Recorder off(0, executor_->clock());
  off.add_log("{}");
  off.add(Decision{});
  Recorder::Entry(off).add(batch({1}).get());
  EXPECT_FALSE(off.on());
  EXPECT_THAT(off.contents().batches, IsEmpty());
  EXPECT_EQ(off.held_bytes(), 0U);
  EXPECT_EQ(crash_record(off), "");
}

TEST_F(RecorderTest, a_closed_one_holds_nothing_and_takes_nothing) {
  add(batch({1}));
  recorder_.close();
  add(batch({2}));
  recorder_.add_log("{}");
  EXPECT_THAT(recorder_.contents().batches, IsEmpty());
  EXPECT_THAT(recorder_.contents().lines, IsEmpty());
}

TEST_F(RecorderTest, many_threads_add_at_once) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2'000; ++i) {
        add(batch({i}));
        recorder_.add_log("{\"a\":1}");
        if (i % 100 == 0) {
          EXPECT_LE(recorder_.held_bytes(), kSize);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(recorder_.contents().batches.empty());
}

TEST_F(RecorderTest, the_router_records_events_and_what_became_of_them) {
  Router router(executor_, names_);
  router.use_recorder(&recorder_);
  const auto sink = std::make_shared<FakeSink>(platform::Lane::make(executor_));
  sink->next = {PICKET_REFUSED};
  router.attach("a", sink);
  config::QueueSettings small;
  small.events = 2;
  ASSERT_TRUE(
      router.apply(routes({route("r", {"in"}, "value > 1", {"a"}), route("full", {"in"}, "value > 2", {"b"}, small)}))
          .ok());
  const auto emit = [&](const std::vector<std::int64_t>& values) {
    picket_batch* const made = make_batch(names_, values);
    const picket_status status = router.emit(router.source("in"), 0, made, 0, {});
    if (status != PICKET_OK) batch_release(made);
    return status;
  };
  EXPECT_EQ(emit({1, 2, 3}), PICKET_OK);
  executor_->run_ready();
  EXPECT_EQ(emit({4, 5}), PICKET_BUSY);  // `full` has one and holds two
  const auto lines = lines_of(recorder_.contents(), names_);
  std::vector<std::string> told;
  for (const json& line : lines) {
    told.push_back(line.contains("record")
                       ? line["decision"].get<std::string>() + " " + line["route"].get<std::string>()
                       : "event");
  }
  EXPECT_THAT(told, ElementsAre("event", "event", "event", "offered full", "offered r", "finished r", "held full"));
  EXPECT_EQ(lines[4]["selected"], 2);
  EXPECT_EQ(lines[4]["events"], 3);
  EXPECT_EQ(lines[5]["refused"], 2);
  EXPECT_EQ(lines[6]["to"], "b");
  router.close();
}

TEST_F(RecorderTest, a_crash_record_reads_back_to_the_same_lines) {
  for (int i = 0; i < 300; ++i) {
    add(batch({i, -i}));
    recorder_.add_log("{\"n\":" + std::to_string(i) + "}");
    Decision decision;
    decision.kind = 1;
    decision.route = names_.intern("r");
    recorder_.add(decision);
  }
  const auto expected = texts_of(recorder_.contents(), names_);
  const std::string bytes = crash_record(recorder_);
  const auto recording = read_crash_record(bytes);
  ASSERT_TRUE(recording.ok()) << recording.error().message;
  EXPECT_THAT((*recording)->problems, IsEmpty());
  EXPECT_EQ((*recording)->reason.signal, 11U);
  EXPECT_EQ((*recording)->reason.address, 0x10U);
  EXPECT_EQ(texts_of((*recording)->contents, (*recording)->names), expected);
}

TEST_F(RecorderTest, a_crash_record_that_is_cut_anywhere_gives_what_is_whole) {
  for (int i = 0; i < 3; ++i) add(batch({i}));
  recorder_.add_log("{\"n\":1}");
  const std::string bytes = crash_record(recorder_);
  std::size_t most = 0;
  for (std::size_t length = 56; length < bytes.size(); ++length) {
    const auto recording = read_crash_record(std::string_view(bytes).substr(0, length));
    ASSERT_TRUE(recording.ok());
    EXPECT_FALSE((*recording)->problems.empty()) << length;
    most = std::max(most, (*recording)->contents.batches.size());
  }
  EXPECT_EQ(most, 3U);
  EXPECT_FALSE(read_crash_record(std::string_view(bytes).substr(0, 40)).ok());
}

TEST_F(RecorderTest, a_crash_record_of_another_kind_or_version_is_refused) {
  std::string bytes = crash_record(recorder_);
  bytes[8] = 9;
  EXPECT_THAT(read_crash_record(bytes).error().message, HasSubstr("version 9"));
  bytes[0] = 'X';
  EXPECT_THAT(read_crash_record(bytes).error().message, HasSubstr("no record of a crash"));
  EXPECT_FALSE(read_crash_record("").ok());
}

}  // namespace
}  // namespace picket::routing
