// SPDX-License-Identifier: Apache-2.0
//
// What filters cost: nanoseconds per event (the items of the rate) of select() over a batch of 64 events with six
// fields each, half of them metrics. The bar for the two-field filter is 40 ns.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "picket/batch.h"
#include "routing/batch_validate.hpp"
#include "routing/expression/expression.hpp"
#include "routing/names.hpp"

namespace picket::routing {
namespace {

constexpr std::uint32_t kEvents = 64;

class Sample {
 public:
  explicit Sample(bool inline_keys) {
    batch_.size = sizeof batch_;
    batch_.events = events_.data();
    batch_.fields = fields_.data();
    batch_.bytes = bytes_.data();
    batch_.event_capacity = kEvents;
    batch_.field_capacity = static_cast<std::uint32_t>(fields_.size());
    batch_.byte_capacity = static_cast<std::uint32_t>(bytes_.size());
    std::uint32_t random = 12'345;
    for (std::uint32_t index = 0; index < kEvents; ++index) {
      random = random * 1'664'525 + 1'013'904'223;
      const bool metric = (random >> 31U) != 0;
      picket_batch_event(&batch_, names_.intern(metric ? "metric" : "log"));
      picket_batch_name(&batch_, key("name", inline_keys), names_.intern("system.cpu.utilization"));
      picket_batch_double(&batch_, key("value", inline_keys), static_cast<double>(random >> 8U) / 16'777'216.0);
      picket_batch_name(&batch_, key("cpu.mode", inline_keys), names_.intern(index % 4 == 0 ? "user" : "system"));
      picket_batch_int(&batch_, key("count", inline_keys), index);
      picket_batch_int(&batch_, key("limit", inline_keys), 40);
      const std::string_view text = index % 8 == 0 ? "connection from 10.1.2.3 refused after 31 ms"
                                                   : "connection from 10.1.2.3 accepted after 31 ms";
      picket_batch_text(&batch_, key("message", inline_keys), picket_str_of(text.data(), text.size()));
    }
  }

  const picket_batch& batch() const { return batch_; }
  Names& names() { return names_; }

 private:
  std::uint32_t key(std::string_view text, bool as_inline) {
    return as_inline ? picket_batch_inline_key(&batch_, picket_str_of(text.data(), text.size())) : names_.intern(text);
  }

  Names names_;
  std::array<picket_event, kEvents> events_ = {};
  std::array<picket_field, kEvents* 6> fields_ = {};
  std::array<char, 16'384> bytes_ = {};
  picket_batch batch_ = {};
};

void select(benchmark::State& state, std::string_view text, bool inline_keys = false) {
  Sample sample(inline_keys);
  const Filter filter = Filter::compile(text, sample.names()).value();
  std::array<std::uint32_t, kEvents> selection;
  for (auto step : state) {
    benchmark::DoNotOptimize(filter.select(sample.batch(), selection.data()));
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kEvents);
}

BENCHMARK_CAPTURE(select, one_part, R"(kind == "metric")");
BENCHMARK_CAPTURE(select, one_field, "count < 32");
BENCHMARK_CAPTURE(select, part_and_field, R"(kind == "metric" and value > 0.5)");
BENCHMARK_CAPTURE(select, two_fields, R"(cpu.mode == "user" and value > 0.5)");
BENCHMARK_CAPTURE(select, two_fields_or, R"(cpu.mode == "user" or value > 0.5)");
BENCHMARK_CAPTURE(select, two_fields_of_inline_keys, R"(cpu.mode == "user" and value > 0.5)", true);
BENCHMARK_CAPTURE(select, missing_field, "absent > 5");
BENCHMARK_CAPTURE(select, in_list, R"(cpu.mode in ["idle", "nice", "user"])");
BENCHMARK_CAPTURE(select, like, R"(message like "*refused*")");
BENCHMARK_CAPTURE(select, regular_expression, R"(message matches "refused after \\d+ ms$")");
BENCHMARK_CAPTURE(select, arithmetic, "count / limit > 0.8");
BENCHMARK_CAPTURE(select, text_function, R"(contains(lower(message), "refused"))");

void compile(benchmark::State& state) {
  Names names;
  for (auto step : state) {
    benchmark::DoNotOptimize(
        Filter::compile(R"(severity >= warning and not (name like "heartbeat*") and value > 0.9)", names));
  }
}
BENCHMARK(compile);

void validate(benchmark::State& state) {
  Sample sample(false);
  for (auto step : state) benchmark::DoNotOptimize(validate_batch(sample.batch(), sample.names().size()).ok());
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kEvents);
}
BENCHMARK(validate);

}  // namespace
}  // namespace picket::routing
