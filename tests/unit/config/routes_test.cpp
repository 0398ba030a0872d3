// SPDX-License-Identifier: Apache-2.0
#include "config/fresh_queue.hpp"
#include "fixture.hpp"

namespace picket::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Routes : public ConfigTest {
 protected:
  Loaded with_route(const std::string& route) {
    return load_text("instances: {a: {type: meter}, b: {type: store}, c: {type: store}}\nroutes:\n  r: " + route +
                     "\n");
  }
  std::string error(const std::string& route) {
    const Loaded loaded = with_route(route);
    const auto all = errors(loaded.diagnostics);
    return all.size() == 1 ? all.front().substr(2) : loaded.diagnostics.render();
  }
};

TEST_F(Routes, read_as_written) {
  const Loaded loaded = with_route("{from: [a.alerts, picket], where: x > 5, to: b}");
  ASSERT_TRUE(loaded.model) << loaded.diagnostics.render();
  const Route& route = loaded.model->routes.at("r");
  ASSERT_EQ(route.from.size(), 2U);
  EXPECT_EQ(route.from[0].instance, "a");
  EXPECT_EQ(route.from[0].port, "alerts");
  EXPECT_EQ(route.from[1].instance, "picket");
  EXPECT_EQ(route.from[1].port, "");
  EXPECT_EQ(route.from[1].where.column, 24);
  EXPECT_EQ(route.filter, "x > 5");
  EXPECT_EQ(route.filter_where.column, 40);
  ASSERT_EQ(route.to.size(), 1U);
  EXPECT_EQ(route.to[0].instance, "b");
  EXPECT_EQ(route.to[0].queue, QueueSettings{});
  EXPECT_EQ(route.where.line, 3);
}

TEST_F(Routes, a_destination_changes_what_the_route_says_about_queues) {
  const Loaded loaded = with_route(
      "{from: a, queue: {events: 10, bytes: 1MiB}, on_full: drop_oldest, to: [b, {instance: c, queue: {events: 5}, "
      "on_full: block}]}");
  ASSERT_TRUE(loaded.model) << loaded.diagnostics.render();
  const auto& to = loaded.model->routes.at("r").to;
  EXPECT_EQ(to[0].queue, (QueueSettings{10, 1U << 20U, OnFull::drop_oldest}));
  EXPECT_EQ(to[1].queue, (QueueSettings{5, 1U << 20U, OnFull::block}));
}

TEST_F(Routes, a_queue_that_drops_its_oldest_is_short_unless_its_size_is_said) {
  const auto bytes_of = [&](const std::string& route, std::size_t place = 0) {
    const Loaded loaded = with_route(route);
    return loaded.model ? loaded.model->routes.at("r").to.at(place).queue.bytes : 0;
  };
  const std::uint64_t usual = QueueSettings{}.bytes;
  EXPECT_EQ(bytes_of("{from: a, on_full: drop_oldest, to: b}"), kFreshQueueBytes);
  EXPECT_EQ(bytes_of("{from: a, to: {instance: b, on_full: drop_oldest}}"), kFreshQueueBytes);
  EXPECT_EQ(bytes_of("{from: a, on_full: drop_oldest, queue: {events: 200000}, to: b}"), usual);
  EXPECT_EQ(bytes_of("{from: a, on_full: drop_oldest, to: {instance: b, queue: {bytes: 8MiB}}}"), 8U << 20U);
  EXPECT_EQ(bytes_of("{from: a, on_full: drop_oldest, durable: true, to: b}"), usual);
  EXPECT_EQ(bytes_of("{from: a, on_full: drop_oldest, to: [b, {instance: c, on_full: block}]}", 1), usual);
  EXPECT_EQ(bytes_of("{from: a, on_full: drop_newest, to: b}"), usual);
}

TEST_F(Routes, a_spool_is_a_routes_or_a_destinations_own) {
  const Loaded loaded = with_route(
      "{from: a, durable: true, on_full: drop_newest, to: [b, {instance: c, durable: false, on_full: spill, "
      "queue: {spool: 2GiB}, on_spool_full: drop_oldest}]}");
  ASSERT_TRUE(loaded.model) << loaded.diagnostics.render();
  const auto& to = loaded.model->routes.at("r").to;
  EXPECT_TRUE(to[0].queue.durable);
  EXPECT_EQ(to[0].queue.spool, 1ULL << 30U);
  EXPECT_EQ(to[0].queue.when_full(), OnFull::drop_newest);
  EXPECT_FALSE(to[1].queue.durable);
  EXPECT_TRUE(to[1].queue.spools());
  EXPECT_EQ(to[1].queue.spool, 2ULL << 30U);
  EXPECT_EQ(to[1].queue.when_full(), OnFull::drop_oldest);
  EXPECT_EQ(loaded.model->routes.at("r").queue.before_steps().on_full, OnFull::drop_newest);
  EXPECT_FALSE(loaded.model->routes.at("r").queue.before_steps().spools());
}

TEST_F(Routes, spill_holds_the_source_when_the_spool_is_full_unless_it_is_told_otherwise) {
  const Loaded loaded = with_route("{from: a, on_full: spill, to: b}");
  ASSERT_TRUE(loaded.model) << loaded.diagnostics.render();
  EXPECT_EQ(loaded.model->routes.at("r").to[0].queue.when_full(), OnFull::block);
}

TEST_F(Routes, a_limit_of_a_spool_that_is_not_there_is_pointed_out) {
  const Loaded loaded = with_route("{from: a, queue: {spool: 2GiB}, to: b}");
  EXPECT_THAT(loaded.diagnostics.render(), HasSubstr("this means nothing without `durable: true` or `on_full: spill`"));
  EXPECT_TRUE(loaded.model);
}

TEST_F(Routes, unknown_instances_suggest_near_ones) {
  EXPECT_EQ(error("{from: pickett, to: b}"), "13: route `r`: there is no instance `pickett`; did you mean `picket`?");
  EXPECT_EQ(error("{from: a, to: x}"), "20: route `r`: there is no instance `x`; one of `a`, `b`, `c`");
  EXPECT_EQ(error("{from: a, to: [b, {instance: zz}]}"),
            "35: route `r`: there is no instance `zz`; one of `a`, `b`, `c`");
}

TEST_F(Routes, an_instance_with_a_mistake_is_still_an_instance) {
  const Loaded loaded = load_text("instances: {a: {type: meter, count: 99}}\nroutes: {r: {from: a, to: a}}\n");
  EXPECT_EQ(loaded.diagnostics.errors(), 1U) << loaded.diagnostics.render();
}

TEST_F(Routes, ends_are_listed_once) {
  EXPECT_EQ(error("{from: a, to: [b, {instance: b}]}"), "35: route `r` lists the destination `b` twice");
  EXPECT_EQ(error("{from: [a, a], to: b}"), "17: route `r` lists the source `a` twice");
}

TEST_F(Routes, shapes_are_checked) {
  EXPECT_EQ(error("{to: b}"), "3: `from` is missing");
  EXPECT_EQ(error("{from: a, two: b}"), "16: unknown key `two`; did you mean `to`?");
  EXPECT_EQ(error("{from: a, to: []}"), "20: needs at least 1 items");
  EXPECT_EQ(error("{from: a, to: picket}"),
            "20: route `r`: `picket` is the daemon itself and takes no events; it can carry out a command, like "
            "`{instance: picket, command: flush}`");
  EXPECT_EQ(error("{from: a., to: b}"), "14: a port is missing after the dot");
  EXPECT_EQ(error("{from: a, to: b, on_full: wait}"),
            "32: `wait` is not allowed; one of `block`, `drop_newest`, `drop_oldest`, `spill`");
  EXPECT_EQ(error("{from: a, to: b, queue: {events: 0}}"), "39: `0` is too small; it must be at least 1");
  EXPECT_EQ(error("{from: a, to: {instance: b, queue: {byte: 5MB}}}"), "42: unknown key `byte`; did you mean `bytes`?");
  EXPECT_THAT(error("5"), HasSubstr("6: expected a mapping"));
}

TEST_F(Routes, a_filter_that_does_not_compile_has_its_column) {
  input.check_filter = [](std::string_view text) -> std::optional<FilterError> {
    const auto at = text.find("bad");
    return at == std::string_view::npos ? std::nullopt : std::optional(FilterError{"no good", at});
  };
  EXPECT_EQ(error("{from: a, to: b, where: x > bad}"), "34: route `r`: no good");
  EXPECT_EQ(error("{from: a, to: b, where: \"\\\"x\\\" > bad\"}"), "39: route `r`: no good");
  EXPECT_EQ(error("{from: a, to: b, where: '''x'' > bad'}"), "39: route `r`: no good");
  const Loaded loaded = load_text(
      "instances: {a: {type: meter}}\nroutes:\n  r:\n    from: a\n    to: a\n    where: |\n      x\n      bad\n");
  EXPECT_THAT(errors(loaded.diagnostics), ElementsAre("6:12: route `r`: no good"));
}

TEST_F(Routes, an_instance_that_no_route_touches_is_a_warning) {
  const Loaded loaded = with_route("{from: a, to: b}");
  ASSERT_TRUE(loaded.model);
  ASSERT_EQ(loaded.diagnostics.items().size(), 1U);
  EXPECT_EQ(loaded.diagnostics.items()[0].message, "no route touches the instance `c`");
  EXPECT_EQ(loaded.diagnostics.items()[0].severity, Severity::warning);
}

}  // namespace
}  // namespace picket::config
