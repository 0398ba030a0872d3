// SPDX-License-Identifier: Apache-2.0
//
// The trace of events: verdicts, what steps make of events, time, and that what comes out is what the router delivers.
#include "analysis/event_trace.hpp"

#include <set>

#include "fixture.hpp"
#include "rehearsal/rehearsal.hpp"
#include "routing/event_json.hpp"

namespace picket::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class EventTrace : public AnalysisTest {
 protected:
  void configure(std::string_view routes, const std::string& glob = "*") {
    model_ = load({"host", "jobs", "siem"}, routes);
    EventTracer::Options options;
    options.route_glob = glob;
    tracer_ = std::move(EventTracer::make(model_, options).value());
  }
  static routing::BatchRef read(std::string_view json, routing::Names& names) {
    routing::EventJsonOptions options;
    options.names = routing::NamePolicy::intern;
    return routing::EventJsonReader(names, options).read(json).value();
  }
  std::vector<Moment> moments(std::string_view json, const std::string& from = "host") {
    return tracer_->event(read(json, tracer_->names()), from);
  }
  // The last of them: that of the event.
  Moment event(std::string_view json, const std::string& from = "host") { return moments(json, from).back(); }
  RouteTrace route(std::string_view json, const std::string& from = "host") { return event(json, from).routes.at(0); }

  config::Model model_;
  std::unique_ptr<EventTracer> tracer_;
};

TEST_F(EventTrace, a_verdict_with_what_decided) {
  configure("  r: {from: host, where: severity >= warning, to: siem}\n");
  const RouteTrace no = route(R"({"severity": "info"})");
  EXPECT_EQ(no.verdict, RouteVerdict::no_match);
  ASSERT_THAT(no.decision.reasons, SizeIs(1));
  EXPECT_EQ(routing::describe(no.decision.reasons[0]), "severity >= warning is false: severity is info");
  EXPECT_THAT(no.out, IsEmpty());
  const RouteTrace yes = route(R"({"severity": "error"})");
  EXPECT_EQ(yes.verdict, RouteVerdict::matches);
  ASSERT_THAT(yes.out, SizeIs(1));
  EXPECT_EQ(yes.out[0].to[0].destination, "siem");
  EXPECT_EQ(yes.out[0].to[0].queue, "block, 100000 events, 64MiB");
  EXPECT_EQ(route("{}", "jobs").verdict, RouteVerdict::elsewhere);
}

TEST_F(EventTrace, ports_and_globs_choose_routes) {
  configure("  one: {from: host.a, to: siem}\n  two: {from: host, to: siem}\n");
  EXPECT_EQ(event("{}", "host.a").routes[0].verdict, RouteVerdict::matches);
  EXPECT_EQ(event("{}", "host.b").routes[0].verdict, RouteVerdict::elsewhere);
  EXPECT_EQ(event("{}", "host.b").routes[1].verdict, RouteVerdict::matches);
  configure("  one: {from: host, to: siem}\n  two: {from: host, to: siem}\n", "t*");
  EXPECT_EQ(tracer_->route_count(), 1U);
  EXPECT_EQ(route("{}").route, "two");
}

TEST_F(EventTrace, what_a_step_changes) {
  configure(
      "  r: {from: host, to: siem, steps: [set: {severity: error, fields: {a: 2, c: x}}, unset: {fields: [b]}, "
      "rename: {fields: {z: y}}]}\n");
  const RouteTrace trace = route(R"({"severity": "info", "a": 1, "b": true})");
  ASSERT_THAT(trace.steps, SizeIs(3));
  const std::vector<Change>& changes = trace.steps[0].effects.at(0).changes;
  ASSERT_THAT(changes, SizeIs(3));
  EXPECT_EQ(changes[0].key + changes[0].before + changes[0].after, "a12");
  EXPECT_EQ(changes[1].key + changes[1].before + changes[1].after, "c\"x\"");
  EXPECT_EQ(changes[2].key + changes[2].before + changes[2].after, "severity\"info\"\"error\"");
  EXPECT_EQ(trace.steps[1].effects.at(0).changes.at(0).key, "b");
  EXPECT_EQ(trace.steps[1].effects.at(0).changes.at(0).after, "");
  EXPECT_EQ(trace.steps[2].effects.at(0).effect, Effect::passed);
  EXPECT_THAT(trace.out.at(0).event, HasSubstr("\"severity\":\"error\""));
}

TEST_F(EventTrace, what_a_step_leaves_out) {
  configure("  r: {from: host, to: siem, steps: [sample: {one_in: 2}, set: {kind: k}]}\n");
  EXPECT_THAT(route("{}").out, SizeIs(1));
  const RouteTrace second = route("{}");
  ASSERT_THAT(second.steps, SizeIs(1)) << "the next step sees nothing";
  EXPECT_EQ(second.steps[0].effects.at(0).effect, Effect::absorbed);
  EXPECT_THAT(second.out, IsEmpty());
}

TEST_F(EventTrace, an_alert_that_time_raises_and_where_it_ends) {
  configure(R"(  r:
    from: host
    steps: [threshold: {raise: value > 0.9, for: 30s}, set: {fields: {site: north}}]
    to: [siem, {instance: jobs, command: restart, args: {program: "{site}", value: "{value}"}}]
)");
  const RouteTrace first = route(R"({"time": "2026-12-01T10:00:00Z", "name": "m", "value": 0.95})");
  ASSERT_THAT(first.steps, SizeIs(1));
  EXPECT_EQ(first.steps[0].effects.at(0).effect, Effect::absorbed);
  EXPECT_EQ(first.steps[0].raised, routing::Truth::yes);
  EXPECT_EQ(routing::describe(first.steps[0].raise.at(0)), "value > 0.9 is true: value is 0.95");
  EXPECT_EQ(first.steps[0].held, 1U);
  // The next event comes a minute later; the alert is raised before that.
  const std::vector<Moment> later = moments(R"({"time": "2026-12-01T10:01:00Z", "name": "other", "value": 0.1})");
  ASSERT_THAT(later, SizeIs(2));
  EXPECT_EQ(later[0].event, "");
  EXPECT_EQ(later[0].wall_ns, 1'796'119'230'000'000'000);
  const RouteTrace& alert = later[0].routes.at(0);
  EXPECT_EQ(alert.verdict, RouteVerdict::time);
  ASSERT_THAT(alert.steps, SizeIs(2));
  EXPECT_EQ(alert.steps[0].effects.at(0).effect, Effect::created);
  EXPECT_THAT(alert.steps[0].effects.at(0).event, HasSubstr("\"alert.state\":\"raised\""));
  EXPECT_EQ(alert.steps[1].effects.at(0).effect, Effect::changed);
  ASSERT_THAT(alert.out, SizeIs(1));
  EXPECT_EQ(alert.out[0].to.at(1).destination, "jobs.restart");
  EXPECT_TRUE(alert.out[0].to[1].command);
  EXPECT_EQ(alert.out[0].to[1].arguments, R"({"program":"north","value":0.95})");
}

TEST_F(EventTrace, time_that_is_let_pass_and_the_end) {
  configure("  r: {from: host, to: siem, steps: [aggregate: {window: 10s, late: 1s, functions: [max]}]}\n");
  EXPECT_THAT(route(R"({"time": "2026-12-01T10:00:01Z", "kind": "metric", "name": "m", "value": 5})").out, IsEmpty());
  EXPECT_THAT(tracer_->advance(1'000'000'000), IsEmpty());
  const std::vector<Moment> closed = tracer_->advance(60'000'000'000);
  ASSERT_THAT(closed, SizeIs(1));
  EXPECT_THAT(closed[0].routes.at(0).out.at(0).event, HasSubstr("\"value\":5"));
  EXPECT_THAT(tracer_->finish(), IsEmpty());
  route(R"({"time": "2026-12-01T10:02:01Z", "kind": "metric", "name": "m", "value": 6})");
  const std::vector<Moment> end = tracer_->finish();
  ASSERT_THAT(end, SizeIs(1));
  EXPECT_TRUE(end[0].ended);
}

TEST_F(EventTrace, an_event_without_time_and_source_gets_them) {
  configure("  r: {from: host, to: siem}\n");
  const Moment moment = event(R"({"kind": "log"})");
  EXPECT_THAT(moment.event, HasSubstr(R"("time":"2026-01-01T00:00:00)"));
  EXPECT_THAT(moment.event, HasSubstr(R"("source":"host")"));
}

TEST_F(EventTrace, what_is_wrong_with_the_choice_of_routes_is_told) {
  model_ = load({"host", "siem"}, "  r: {from: host, to: siem}\n");
  EventTracer::Options options;
  options.route_glob = "x\\";
  EXPECT_FALSE(EventTracer::make(model_, options));
}

// The same events through the real router and pipeline: what leaves the steps is what the trace says.
TEST_F(EventTrace, agrees_with_the_router) {
  configure(R"(  alerts:
    from: host
    where: value > 0.1
    steps: [threshold: {raise: value > 0.5, for: 2s, pass: true}, set: {compute: {double: value * 2}}]
    to: siem
  calm:
    from: host
    steps: [throttle: {events: 2, per: 5s}, sample: {fraction: 0.7}]
    to: siem
  windows: {from: host, to: siem, steps: [aggregate: {window: 4s, functions: [mean, count]}, rate: {pass: true}]}
)");
  auto rehearsal = std::move(rehearsal::Rehearsal::make(model_, {}).value());
  std::multiset<std::string> traced;
  const auto collect = [&](const std::vector<Moment>& moments) {
    for (const Moment& moment : moments) {
      for (const RouteTrace& trace : moment.routes) {
        for (const OutcomeTrace& outcome : trace.out) {
          nlohmann::json event = nlohmann::json::parse(outcome.event);
          event.erase("sequence");
          traced.insert(trace.route + " " + event.dump());
        }
      }
    }
  };
  for (int i = 0; i < 40; ++i) {
    const std::int64_t at = rehearsal::Rehearsal::kDefaultStart + i * 700'000'000LL;
    const std::string json = R"({"kind": "metric", "name": "m", "time": )" + std::to_string(at) + R"(, "value": )" +
                             std::to_string((i * 7 % 11) / 10.0) + "}";
    collect(moments(json));
    rehearsal->run_until(at - rehearsal::Rehearsal::kDefaultStart);
    const routing::BatchRef batch = read(json, rehearsal->names());
    routing::batch_retain(batch.get());
    ASSERT_TRUE(rehearsal->emit("host", "", const_cast<picket_batch*>(batch.get())));
  }
  collect(tracer_->advance(20'000'000'000));
  rehearsal->run_until(rehearsal->now_ns() + 20'000'000'000);
  collect(tracer_->finish());
  rehearsal->finish();
  std::multiset<std::string> delivered;
  for (const rehearsal::Delivery& delivery : rehearsal->deliveries()) {
    nlohmann::json event =
        nlohmann::json::parse(routing::event_json(*delivery.batch, delivery.event(), rehearsal->names()));
    event.erase("sequence");
    delivered.insert(std::string(delivery.route) + " " + event.dump());
  }
  EXPECT_GT(delivered.size(), 60U);
  EXPECT_EQ(traced, delivered);
}

}  // namespace
}  // namespace picket::analysis
