// SPDX-License-Identifier: Apache-2.0
#include "rehearsal/runner.hpp"

#include <algorithm>
#include <utility>

#include "rehearsal/checks.hpp"
#include "rehearsal/rehearsal.hpp"
#include "rehearsal/timeline.hpp"

namespace picket::rehearsal {
namespace {

// A change of what a stand-in answers.
struct AnswerChange {
  std::int64_t at_ns = 0;
  std::string instance;
  SinkAnswer answer = SinkAnswer::taken;
};

SinkAnswer answer_of(config::TestSinkStatus status) {
  switch (status) {
    case config::TestSinkStatus::busy:
      return SinkAnswer::busy;
    case config::TestSinkStatus::refused:
      return SinkAnswer::refused;
    case config::TestSinkStatus::away:
      break;
  }
  return SinkAnswer::away;
}

// In order of time; at the same time an end comes before a beginning.
std::vector<AnswerChange> answer_changes(const config::Test& test) {
  std::vector<AnswerChange> changes;
  for (const config::TestSinkFault& fault : test.faults) {
    changes.push_back({fault.from_ns, fault.instance, answer_of(fault.status)});
    if (fault.until_ns != INT64_MAX) changes.push_back({fault.until_ns, fault.instance, SinkAnswer::taken});
  }
  std::stable_sort(changes.begin(), changes.end(), [](const AnswerChange& a, const AnswerChange& b) {
    if (a.at_ns != b.at_ns) return a.at_ns < b.at_ns;
    return a.answer == SinkAnswer::taken && b.answer != SinkAnswer::taken;
  });
  return changes;
}

class TestRun {
 public:
  TestRun(Rehearsal& rehearsal, const config::Test& test) : rehearsal_(rehearsal), changes_(answer_changes(test)) {}

  // Time passes, and stand-ins change on the way.
  void run_until(std::int64_t at_ns) {
    for (; next_ < changes_.size() && changes_[next_].at_ns <= at_ns; ++next_) {
      rehearsal_.run_until(changes_[next_].at_ns);
      rehearsal_.set_answer(changes_[next_].instance, changes_[next_].answer);
    }
    rehearsal_.run_until(at_ns);
  }

 private:
  Rehearsal& rehearsal_;
  const std::vector<AnswerChange> changes_;
  std::size_t next_ = 0;
};

void run_to_the_end(Rehearsal& rehearsal, const config::Test& test, TestResult& result) {
  auto timeline = Timeline::make(test, rehearsal.names());
  if (!timeline) {
    result.error = timeline.error().message;
    return;
  }
  TestRun run(rehearsal, test);
  Timeline::Emission emission;
  while (timeline->next(emission)) {
    run.run_until(emission.at_ns);
    const std::uint32_t events = emission.batch->event_count;
    if (const auto emitted = rehearsal.emit(emission.instance, emission.port, emission.batch); !emitted) {
      result.error = emitted.error().message;
      return;
    }
    result.emitted += events;
  }
  run.run_until(rehearsal.now_ns() + test.run_for_ns);
  if (test.stop) rehearsal.finish();
}

}  // namespace

TestResult run_test(const config::Model& model, const config::Test& test) {
  TestResult result;
  result.name = test.name;
  result.where = test.where;
  Rehearsal::Options options;
  options.start_ns = test.start_ns;
  auto made = Rehearsal::make(model, options);
  if (!made) {
    result.error = made.error().message;
    return result;
  }
  Rehearsal& rehearsal = **made;
  run_to_the_end(rehearsal, test, result);
  result.simulated_ns = rehearsal.now_ns();
  result.delivered = rehearsal.deliveries().size();
  result.calls = rehearsal.calls().size();
  if (!result.error.empty()) return result;
  if (rehearsal.unrecorded() != 0) {
    result.error = std::to_string(rehearsal.unrecorded()) + " events more arrived than one test can look at";
    return result;
  }
  result.failures = check_expectations(test, rehearsal);
  for (const std::string& failure : rehearsal.step_failures()) {
    result.failures.push_back({test.where, "a step failed; its events passed unchanged: " + failure, {}, {}});
  }
  return result;
}

Result<void> check_files(const config::Test& test) {
  routing::Names names;
  const bool files = std::any_of(test.events.begin(), test.events.end(),
                                 [](const config::TestEvents& item) { return !item.file.empty(); });
  if (!files) return {};
  if (const auto timeline = Timeline::make(test, names); !timeline) return timeline.error();
  return {};
}

}  // namespace picket::rehearsal
