// SPDX-License-Identifier: Apache-2.0
#include "helper_runs.hpp"

#include <chrono>
#include <utility>

#include "duration_text.hpp"
#include "line_splitter.hpp"
#include "signals.hpp"

namespace picket::process_supervisor {

HelperRun HelperRuns::run(ProgramSpec spec, std::int64_t timeout_ns, Done done) {
  const HelperRun number = ++last_;
  ProgramId id = 0;
  try {
    id = processes_.start(spec);
  } catch (const Failure& failure) {
    agenda_.after(0, [done = std::move(done), why = std::string(failure.what())] { done(false, why); });
    return number;
  }
  Run& run = by_id_[id];
  run.number = number;
  run.done = std::move(done);
  run.timeout_ns = timeout_ns;
  by_number_[number] = id;
  run.limit = agenda_.after(timeout_ns, [this, id] {
    Run* const late = find(id);
    if (late == nullptr) return;
    late->limit = 0;
    late->late = true;
    end(id);
  });
  return number;
}

HelperRuns::Run* HelperRuns::find(ProgramId id) {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &found->second;
}

void HelperRuns::end(ProgramId id) {
  processes_.end(id, 0, std::chrono::nanoseconds(0), true);
}

void HelperRuns::cancel(HelperRun& run) {
  const auto found = by_number_.find(std::exchange(run, 0));
  if (found == by_number_.end()) return;
  Run& cancelled = by_id_[found->second];
  cancelled.done = nullptr;
  agenda_.cancel(cancelled.limit);
  end(found->second);
}

void HelperRuns::clear() {
  for (auto& [id, run] : by_id_) {
    agenda_.cancel(run.limit);
    end(id);
  }
  by_id_.clear();
  by_number_.clear();
}

bool HelperRuns::failed(ProgramId id, const ProgramFailure& failure) {
  Run* const run = find(id);
  if (run == nullptr) return false;
  run->why = to_view(failure.message);
  run->good = false;
  finish(id);
  return true;
}

bool HelperRuns::output(ProgramId id, const ProgramOutput& output) {
  Run* const run = find(id);
  if (run == nullptr) return false;
  LineSplitter splitter(256);
  const auto keep = [run](std::string_view text, bool /*cut*/) { run->last_line = text; };
  splitter.add(to_view(output.data), keep);
  splitter.flush(keep);
  processes_.acknowledge_output(id, output.stream, output.offset + output.data.length + output.dropped);
  return true;
}

bool HelperRuns::exited(ProgramId id, const ProgramExit& exit) {
  Run* const run = find(id);
  if (run == nullptr) return false;
  run->good = exit.how == PICKET_EXIT_CODE && exit.value == 0 && !run->late;
  if (run->late) {
    run->why = "had not ended within " + duration_text(run->timeout_ns);
  } else {
    run->why =
        exit.how == PICKET_EXIT_UNKNOWN
            ? "ended, and nobody knows how"
            : describe({exit.how == PICKET_EXIT_SIGNAL, exit.value, (exit.flags & PICKET_EXIT_CORE) != 0, false});
  }
  if (!run->last_line.empty()) run->why += ": " + run->last_line;
  return true;
}

bool HelperRuns::stragglers(ProgramId id) {
  if (find(id) == nullptr) return false;
  end(id);  // what a check leaves behind is no part of the program
  return true;
}

bool HelperRuns::emptied(ProgramId id) {
  if (find(id) == nullptr) return false;
  processes_.forget(id);
  finish(id);
  return true;
}

void HelperRuns::finish(ProgramId id) {
  const auto found = by_id_.find(id);
  Run run = std::move(found->second);
  by_id_.erase(found);
  by_number_.erase(run.number);
  agenda_.cancel(run.limit);
  if (run.done) run.done(run.good, run.why);
}

}  // namespace picket::process_supervisor
