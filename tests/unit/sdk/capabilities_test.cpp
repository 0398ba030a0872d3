// SPDX-License-Identifier: Apache-2.0
//
// The tables that the wrapper makes from a class's bases, and what crosses them.
#include "test_plugin.hpp"

namespace picket::testing {
namespace {

class Bare : public Tracked<Bare> {
 public:
  using Tracked::Tracked;
};

class Everything : public Tracked<Everything>,
                   public Source,
                   public Sink,
                   public Commands,
                   public Reload,
                   public Health,
                   public History {
 public:
  static constexpr CommandInfo kCommands[] = {{.name = "nothing", .summary = "does nothing"}};
  using Tracked::Tracked;
  void start() override {
    if (refuse_start) throw Failure("port 80 is taken: choose another in /port", PICKET_DENIED);
  }
  void stop() override { ++stops; }
  picket_status consume(const Delivery& /*delivery*/) override { return PICKET_OK; }
  void execute(std::string_view /*command*/, std::string_view /*args*/, Reply&& reply) override { reply.ok(); }
  bool reload(const Config& config) override {
    const std::int64_t wanted = config.integer("/level", 0);
    if (wanted < 0) throw Failure("/level: must not be negative", PICKET_INVALID);
    if (wanted > 100) return false;
    level = wanted;
    return true;
  }
  HealthReport health() override {
    if (level == 13) throw std::runtime_error("cannot tell");
    return level == 0 ? HealthReport::good() : HealthReport::degraded(std::string(level == 99 ? 400 : 4, 'w'));
  }
  void series(std::string_view name_glob, SeriesReader& reader) override {
    if (name_glob == "[") throw Failure("the glob does not end", PICKET_INVALID);
    for (std::uint64_t id = 1; id <= 3; ++id) {
      ++offered;
      picket_history_series found{};
      found.id = id;
      found.name = to_str("cpu");
      found.attributes = to_str("{}");
      if (!reader(found)) return;
    }
  }
  void points(std::uint64_t series, std::int64_t from_ns, std::int64_t to_ns, std::int64_t step_ns,
              PointsReader& reader) override {
    const picket_history_point point{from_ns, 1, 2, static_cast<double>(step_ns), static_cast<double>(to_ns), series};
    reader({&point, 1});
    reader({&point, 1});
  }

  inline static bool refuse_start = false;
  std::int64_t level = 0;
  int stops = 0;
  int offered = 0;
};

TEST(Capabilities, a_class_offers_exactly_what_it_derives_from) {
  FakeHost bare(type_of<Bare>());
  FakeHost everything(type_of<Everything>());
  ASSERT_TRUE(bare.create().ok());
  ASSERT_TRUE(everything.create().ok());
  for (const char* id : {PICKET_EXT_SOURCE, PICKET_EXT_SINK, PICKET_EXT_COMMANDS, PICKET_EXT_RELOAD, PICKET_EXT_HEALTH,
                         PICKET_EXT_HISTORY}) {
    EXPECT_FALSE(bare.offers(id)) << id;
    EXPECT_TRUE(everything.offers(id)) << id;
  }
  EXPECT_FALSE(everything.offers("picket.sink/2"));
  EXPECT_FALSE(everything.offers(""));
}

TEST(Capabilities, what_a_plugin_lacks_is_answered_without_it) {
  FakeHost host(type_of<Bare>());
  ASSERT_TRUE(host.start().ok());
  EXPECT_EQ(host.deliver({{.kind = "log"}}).status, PICKET_UNSUPPORTED);
  EXPECT_EQ(host.reload("{}").error().status, PICKET_UNSUPPORTED);
  EXPECT_EQ(host.health().state, PICKET_HEALTH_GOOD);
  EXPECT_EQ(host.history_series().error().status, PICKET_UNSUPPORTED);
  EXPECT_THROW(host.begin("anything"), std::runtime_error);
  EXPECT_EQ(host.live_batches(), 0);
}

TEST(Capabilities, a_start_that_throws_says_why) {
  Everything::refuse_start = true;
  FakeHost host(type_of<Everything>());
  const auto started = host.start();
  Everything::refuse_start = false;
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().status, PICKET_DENIED);
  EXPECT_EQ(started.error().message, "port 80 is taken: choose another in /port");
}

TEST(Capabilities, the_instance_ends_with_the_host) {
  {
    FakeHost host(type_of<Everything>());
    ASSERT_TRUE(host.start().ok());
    ASSERT_NE(Everything::last, nullptr);
    host.stop();
    host.stop();
    EXPECT_EQ(Everything::last->stops, 2) << "stop is idempotent, and asked for twice here";
  }
  EXPECT_EQ(Everything::last, nullptr);
}

class EverythingTest : public ::testing::Test {
 protected:
  EverythingTest() { EXPECT_TRUE(host.start().ok()); }
  Everything& plugin() { return *Everything::last; }
  FakeHost host{type_of<Everything>()};
};

TEST_F(EverythingTest, reload_tells_in_force_from_restart_and_from_failure) {
  EXPECT_TRUE(host.reload(R"({"level": 5})").ok());
  EXPECT_EQ(plugin().level, 5);
  EXPECT_EQ(host.reload(R"({"level": 500})").error().status, PICKET_UNSUPPORTED);
  const auto refused = host.reload(R"({"level": -1})");
  EXPECT_EQ(refused.error().status, PICKET_INVALID);
  EXPECT_EQ(refused.error().message, "/level: must not be negative");
  EXPECT_EQ(plugin().level, 5);
}

TEST_F(EverythingTest, health_carries_a_state_and_a_message) {
  EXPECT_EQ(host.health().message, "");
  plugin().level = 1;
  EXPECT_EQ(host.health().state, PICKET_HEALTH_DEGRADED);
  EXPECT_EQ(host.health().message, "wwww");
  plugin().level = 99;
  EXPECT_EQ(host.health().message, std::string(247, 'w')) << "cut, and terminated";
  plugin().level = 13;
  EXPECT_EQ(host.health().state, PICKET_HEALTH_BAD);
  EXPECT_EQ(host.health().message, "cannot tell");
}

TEST_F(EverythingTest, history_is_read_in_order) {
  const auto series = host.history_series("c*");
  ASSERT_TRUE(series.ok());
  ASSERT_EQ(series->size(), 3U);
  EXPECT_EQ((*series)[2].id, 3U);
  EXPECT_EQ((*series)[0].name, "cpu");
  const auto points = host.history_points(3, 10, 20, 5);
  ASSERT_TRUE(points.ok());
  ASSERT_EQ(points->size(), 2U);
  EXPECT_EQ((*points)[0].time_ns, 10);
  EXPECT_EQ((*points)[0].last, 20.0);
  EXPECT_EQ((*points)[0].count, 3U);
}

TEST_F(EverythingTest, many_series_are_read_one_after_the_other_by_a_plugin_that_has_no_better_way) {
  const auto points = host.history_points_of({7, 9}, 10, 20, 5);
  ASSERT_TRUE(points.ok());
  ASSERT_EQ(points->size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    ASSERT_EQ((*points)[i].size(), 2U);
    EXPECT_EQ((*points)[i][1].count, i == 0 ? 7U : 9U);
  }
}

TEST_F(EverythingTest, a_reader_of_many_series_that_has_enough_ends_the_read) {
  const auto stop_at_once = [](void* context, std::uint32_t /*index*/, const picket_history_point* /*points*/,
                               std::uint32_t /*count*/) noexcept -> std::int32_t {
    ++*static_cast<int*>(context);
    return 1;
  };
  int seen = 0;
  ManyPointsReader reader(stop_at_once, &seen);
  const std::vector<std::uint64_t> series{1, 2, 3};
  plugin().points_of(series, 0, 10, 0, reader);
  EXPECT_EQ(seen, 1);
  EXPECT_TRUE(reader.ended());
}

TEST_F(EverythingTest, a_failed_read_says_why) {
  const auto series = host.history_series("[");
  EXPECT_EQ(series.error().status, PICKET_INVALID);
  EXPECT_EQ(series.error().message, "the glob does not end");
}

TEST(HistoryReader, a_reader_that_has_enough_ends_the_read) {
  // Through the C tables, as the daemon reads.
  FakeHost host(type_of<Everything>());
  ASSERT_TRUE(host.create().ok());
  const auto stop_at_once = [](void* context, const picket_history_series* /*series*/) noexcept -> std::int32_t {
    ++*static_cast<int*>(context);
    return 1;
  };
  int seen = 0;
  SeriesReader reader(stop_at_once, &seen);
  Everything::last->series("", reader);
  EXPECT_EQ(seen, 1);
  EXPECT_EQ(Everything::last->offered, 1);
  EXPECT_TRUE(reader.ended());
  EXPECT_FALSE(reader(picket_history_series{})) << "ended for good";
  EXPECT_EQ(seen, 1);
}

TEST(HostView, names_metrics_counters_and_logs_reach_the_host) {
  FakeHost host(type_of<Bare>());
  ASSERT_TRUE(host.start().ok());
  const Host view = Bare::last->host();
  EXPECT_EQ(view.name("same"), view.name("same"));
  EXPECT_EQ(view.text(view.name("same")), "same");
  EXPECT_EQ(view.text(Name{}), "");
  EXPECT_THROW(static_cast<void>(view.name(std::string(256, 'n'))), Failure);

  const Name memory =
      view.describe_metric({.name = "system.memory.usage", .unit = "By", .help = "used", .decimals = 0});
  view.describe_metric({.name = "system.memory.usage", .unit = "{page}"});
  EXPECT_EQ(host.described("system.memory.usage")->unit, "By") << "the first description wins";
  Metric found;
  ASSERT_TRUE(view.metric(memory, found));
  EXPECT_EQ(found.unit, "By");
  EXPECT_EQ(found.decimals, 0);
  EXPECT_FALSE(view.metric(view.name("unheard of"), found));

  Counter counter(view, "reads", "{read}", "reads so far");
  Counter same(view, "reads", "{read}", "reads so far");
  counter.add();
  same.add(2);
  EXPECT_EQ(host.counter("reads"), 3);
  Gauge gauge(view, "open", "{file}", "open files");
  gauge.set(5);
  gauge.add(-2);
  EXPECT_EQ(host.counter("open"), 3);
  EXPECT_EQ(host.counter("none"), std::nullopt);

  view.warning("watch out");
  ASSERT_EQ(host.log_lines().size(), 1U);
  EXPECT_EQ(host.log_lines()[0].level, PICKET_LOG_WARNING);
  EXPECT_EQ(host.log_lines()[0].line, __LINE__ - 3U);
  EXPECT_NE(host.log_lines()[0].file.find("capabilities_test.cpp"), std::string::npos);
  host.set_log_level(PICKET_LOG_ERROR);
  view.warning("not written");
  EXPECT_EQ(host.log_lines().size(), 1U);
}

TEST(HostView, too_many_counters_are_an_error) {
  FakeHost host(type_of<Bare>());
  ASSERT_TRUE(host.start().ok());
  const Host view = Bare::last->host();
  for (int i = 0; i < 256; ++i) Counter(view, "c" + std::to_string(i), "1", "one of many");
  EXPECT_THROW(Counter(view, "one more", "1", "too many"), Failure);
}

}  // namespace
}  // namespace picket::testing
