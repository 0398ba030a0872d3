// SPDX-License-Identifier: Apache-2.0
//
// One step by itself under a virtual clock: feed it events, advance the time, read what comes out as lines of text.
// Used by the tests and the benchmark of steps.
#pragma once

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "../expression/test_batch.hpp"
#include "routing/batch_validate.hpp"
#include "routing/steps/event_writer.hpp"
#include "routing/steps/step.hpp"

namespace picket::routing {

class HandClock final : public platform::Clock {
 public:
  std::int64_t monotonic_ns() const override { return monotonic; }
  std::int64_t wall_ns() const override { return wall; }
  std::int64_t monotonic = 1'000 * platform::kSecond;
  std::int64_t wall = 1'700'000'000 * platform::kSecond;
};

// Writes each event that goes on as `kind source severity@time key=value ...`, in order; texts in quotes.
class LineOutput final : public Output {
 public:
  explicit LineOutput(const Names& names) : names_(names) {}
  void pass(const Events& in, std::span<const std::uint32_t> indices) override {
    for (const std::uint32_t index : indices) write(in.batch(), in.batch().events[index]);
  }
  void pass(const Events& in) override {
    for (std::uint32_t i = 0; i < in.count(); ++i) write(in.batch(), in[i]);
  }
  void add(BatchRef batch) override {
    if (const auto valid = validate_batch(*batch, names_.size()); !valid) throw std::logic_error(valid.error().message);
    ++added_;
    for (std::uint32_t i = 0; i < batch->event_count; ++i) write(*batch, batch->events[i]);
  }
  std::size_t added() const { return added_; }  // batches that the step made
  std::vector<std::string> take() { return std::exchange(lines_, {}); }

 private:
  void write(const picket_batch& batch, const picket_event& event) {
    std::string line(names_.text(event.kind));
    line += " " + std::string(names_.text(event.source)) + " " + std::to_string(event.severity) + "@" +
            std::to_string(event.time_ns);
    for (std::uint32_t i = 0; i < event.field_count; ++i) {
      const picket_field& field = batch.fields[event.first_field + i];
      line += " " + key(batch, field) + "=" + value(batch, field);
    }
    lines_.push_back(std::move(line));
  }
  std::string key(const picket_batch& batch, const picket_field& field) const {
    if ((field.key & PICKET_KEY_INLINE) == 0) return std::string(names_.text(field.key));
    const picket_str text = picket_batch_inline_key_text(&batch, field.key);
    return {text.data, static_cast<std::size_t>(text.length)};
  }
  std::string value(const picket_batch& batch, const picket_field& field) const {
    switch (field.type) {
      case PICKET_TYPE_BOOL:
        return field.value.i != 0 ? "true" : "false";
      case PICKET_TYPE_INT:
        return std::to_string(field.value.i);
      case PICKET_TYPE_DOUBLE:
        return TestBatch::write(Value::real(field.value.f));
      case PICKET_TYPE_NAME:
        return TestBatch::write(Value::text(names_.text(field.value.name)));
      case PICKET_TYPE_NULL:
        return "null";
      default: {
        const picket_str bytes = picket_batch_field_bytes(&batch, &field);
        const std::string_view text(bytes.data, static_cast<std::size_t>(bytes.length));
        return field.type == PICKET_TYPE_JSON ? std::string(text) : TestBatch::write(Value::text(text));
      }
    }
  }

  const Names& names_;
  std::size_t added_ = 0;
  std::vector<std::string> lines_;
};

class StepHarness {
 public:
  // `settings`: complete, as after the schema's defaults.
  StepHarness(const StepType& type, std::string_view settings)
      : step_(type.make(nlohmann::json::parse(settings), {names, clock, names.intern("route")})) {}

  // Starts collecting events; give them with feed().
  TestBatch& input() {
    input_ = std::make_unique<TestBatch>(names);
    return *input_;
  }
  // The same batch, to go on filling it.
  TestBatch& input_more() { return *input_; }
  // What comes out when the step is given everything in input(), and an empty input again.
  std::vector<std::string> feed() {
    EventWriter writer(keep_);
    for (std::uint32_t i = 0; i < input_->raw().event_count; ++i) writer.copy(input_->raw(), input_->raw().events[i]);
    writer.flush();
    input();
    const BatchRef batch = std::move(keep_.batch);
    step_->process(Events(batch, nullptr, batch->event_count), out_);
    return out_.take();
  }
  // Moves both clocks, calling tick() whenever it is due.
  std::vector<std::string> advance(std::int64_t ns) {
    const std::int64_t end = clock.monotonic + ns;
    while (step_->due_ns() <= end) {
      const std::int64_t due = std::max(step_->due_ns(), clock.monotonic);
      clock.wall += due - clock.monotonic;
      clock.monotonic = due;
      step_->tick(due, out_);
    }
    clock.wall += end - clock.monotonic;
    clock.monotonic = end;
    return out_.take();
  }
  std::vector<std::string> finish() {
    step_->finish(out_);
    return out_.take();
  }
  Step& step() { return *step_; }
  std::size_t added() const { return out_.added(); }

  Names names;
  HandClock clock;

 private:
  struct Keep final : Output {
    void pass(const Events& /*in*/, std::span<const std::uint32_t> /*indices*/) override {}
    void pass(const Events& /*in*/) override {}
    void add(BatchRef made) override { batch = std::move(made); }
    BatchRef batch;
  };

  Keep keep_;
  LineOutput out_{names};
  std::unique_ptr<Step> step_;
  std::unique_ptr<TestBatch> input_ = std::make_unique<TestBatch>(names);
};

}  // namespace picket::routing
