// SPDX-License-Identifier: Apache-2.0
//
// See process_table.hpp. Both lists ascend, so one pass over both finds what is new, known and gone.
#include "process_table.hpp"

#include <algorithm>

namespace picket::perf_collector {

namespace {

constexpr std::uint8_t kEvaluations = 2;

std::uint64_t spent_between(std::uint64_t now, std::uint64_t before) {
  return now > before ? now - before : 0;
}

}  // namespace

void ProcessTable::update(const std::vector<ProcessStat>& reading,
                          const std::function<MatchSet(const ProcessStat&)>& evaluate) {
  next_.clear();
  std::uint64_t newest_start = newest_start_ == UINT64_MAX ? 0 : newest_start_;
  auto old = processes_.begin();
  for (const ProcessStat& now : reading) {
    while (old != processes_.end() && old->now.pid < now.pid) ++old;
    FollowedProcess& process = next_.emplace_back();
    process.now = now;
    if (old != processes_.end() && old->now.pid == now.pid && old->now.start == now.start) {
      process.user_spent = spent_between(now.user_units, old->now.user_units);
      process.system_spent = spent_between(now.system_units, old->now.system_units);
      process.candidates = old->candidates;
      process.evaluations = old->now.name() == now.name() ? old->evaluations : std::uint8_t{0};
    } else if (now.start > newest_start_) {
      process.user_spent = now.user_units;
      process.system_spent = now.system_units;
    }
    if (process.evaluations < kEvaluations) {
      ++process.evaluations;
      process.candidates = evaluate(now);
    }
    newest_start = std::max(newest_start, now.start);
  }
  newest_start_ = newest_start;
  processes_.swap(next_);
}

}  // namespace picket::perf_collector
