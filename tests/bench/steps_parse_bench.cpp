// SPDX-License-Identifier: Apache-2.0
//
// What `parse` costs: nanoseconds per event (the items of the rate) with a line of 190 bytes in each format, in batches
// of 64 events, from the event that came in to the batch that goes on.
#include <benchmark/benchmark.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "platform/clock.hpp"
#include "routing/steps/event_writer.hpp"
#include "routing/steps/step_catalogue.hpp"

namespace picket::routing {
namespace {

constexpr std::uint32_t kEvents = 64;
constexpr std::size_t kLine = 190;  // bytes

struct LastBatch final : Output {
  void pass(const Events& /*in*/, std::span<const std::uint32_t> /*indices*/) override {}
  void pass(const Events& /*in*/) override {}
  void add(BatchRef made) override { batch = std::move(made); }
  BatchRef batch;
};

// `line` with x's at `~`, up to 190 bytes.
std::string pad(std::string_view line) {
  std::string result(line);
  const std::size_t at = result.find('~');
  result.replace(at, 1, std::string(kLine - (line.size() - 1), 'x'));
  return result;
}

// `interned`: whether the keys of the line are names already, as when a filter or another step speaks of them.
void parse_line(benchmark::State& state, std::string_view settings, std::string_view line, bool interned) {
  Names names;
  for (const char* key : {"time", "level", "message", "status", "took", "method", "path", "client", "host", "app"}) {
    if (interned) names.intern(key);
  }
  LastBatch in;
  EventWriter writer(in);
  const std::string text = pad(line);
  for (std::uint32_t i = 0; i < kEvents; ++i) {
    writer.begin(names.intern("log")).time_ns = 1'788'000'000'000'000'000;
    writer.set_text(names.intern("message"), text);
  }
  writer.flush();
  const auto step = kParseStep.make(nlohmann::json::parse(settings), {names, platform::system_clock()});
  LastBatch out;
  for (auto round : state) step->process(Events(in.batch, nullptr, kEvents), out);
  if (step->failed() != 0) state.SkipWithError("the line was not understood");
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kEvents);
}

constexpr std::string_view kJsonLine =
    R"({"time":"2026-09-03T10:00:00.250Z","level":"info","message":"~","status":200,"took":0.0315,"http":{"method":"GET","path":"/api/items"},"client":"10.0.0.17"})";
constexpr std::string_view kLogfmtLine =
    R"(time=2026-09-03T10:00:00.250Z level=info message="served ~" status=200 took=31ms method=GET path=/api/items client=10.0.0.17)";
constexpr std::string_view kCommonLogLine =
    R"(10.0.0.17 - joe [03/Sep/2026:10:00:00 +0200] "GET /api/~ HTTP/1.1" 200 2326 "https://example.com/" "curl/8.0")";

BENCHMARK_CAPTURE(parse_line, json, R"({"format": "json", "keep": false})", kJsonLine, true);
BENCHMARK_CAPTURE(parse_line, json_of_unknown_keys, R"({"format": "json", "keep": false})", kJsonLine, false);
BENCHMARK_CAPTURE(parse_line, json_with_time_and_severity,
                  R"({"format": "json", "keep": false, "time": {"field": "time"}, "severity": {"field": "level"}})",
                  kJsonLine, true);
BENCHMARK_CAPTURE(parse_line, logfmt, R"({"format": "logfmt", "keep": false})", kLogfmtLine, true);
BENCHMARK_CAPTURE(parse_line, key_value, R"({"format": "key_value", "keep": false})", kLogfmtLine, true);
BENCHMARK_CAPTURE(parse_line, regex, R"--({"format": "regex", "keep": false, "pattern":
  "^(?P<client>\\S+) \\S+ (?P<user>\\S+) \\[(?P<time>[^\\]]+)\\] \"(?P<method>\\S+) (?P<path>\\S+) \\S+\" (?P<status>\\d+) (?P<size>\\d+)"})--",
                  kCommonLogLine, true);
BENCHMARK_CAPTURE(parse_line, syslog_3164, R"({"format": "syslog", "zone": "utc", "keep": false})",
                  "<34>Sep  3 10:00:00 mymachine.example.com sshd[4711]: ~", true);
BENCHMARK_CAPTURE(parse_line, syslog_5424, R"({"format": "syslog", "zone": "utc", "keep": false})",
                  R"(<165>1 2026-09-03T10:00:00.250Z mymachine.example.com app 4711 ID47 [origin ip="10.0.0.17"] ~)",
                  true);

}  // namespace
}  // namespace picket::routing
