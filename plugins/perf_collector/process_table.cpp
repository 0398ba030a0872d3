// SPDX-License-Identifier: Apache-2.0
//
// See process_table.hpp. Both lists ascend, so one pass over both finds what is new, known and gone; everything happens
// in place, so that a process costs one entry of memory and a steady tick no allocation.
#include "process_table.hpp"

#include <algorithm>

namespace picket::perf_collector {

namespace {

constexpr std::uint8_t kEvaluations = 2;

}  // namespace

ProcessTable::ProcessTable(ProcessSource& source, std::size_t budget, Questions questions)
    : source_(source), budget_(budget), questions_(std::move(questions)) {}

ProcessTable::~ProcessTable() {
  for (FollowedProcess& process : processes_) source_.release(process.files);
}

bool ProcessTable::update(std::int64_t monotonic_ns) {
  if (!source_.list(pids_)) return false;
  follow_list();
  read_some(monotonic_ns);
  forget_gone();
  source_.end(round_ended_);
  list_ns_ = monotonic_ns;
  newest_start_ = newest_read_;
  return true;
}

// Makes processes_ agree with pids_.
void ProcessTable::follow_list() {
  std::size_t found = 0;
  auto listed = pids_.begin();
  for (FollowedProcess& process : processes_) {
    while (listed != pids_.end() && *listed < process.now.pid) ++listed;
    process.gone = listed == pids_.end() || *listed != process.now.pid;
    if (!process.gone) ++found;
    process.fresh = false;
  }
  forget_gone();
  if (found < pids_.size()) add_new(pids_.size() - found);
}

void ProcessTable::forget_gone() {
  std::erase_if(processes_, [this](FollowedProcess& process) {
    if (process.gone) source_.release(process.files);
    return process.gone;
  });
}

// Merges from the end, so that each entry moves at most once.
void ProcessTable::add_new(std::size_t count) {
  const std::size_t old = processes_.size();
  const std::size_t all = old + count;
  // An eighth of room, not the vector's doubling: with thousands of processes that would be the larger part.
  if (all > processes_.capacity()) processes_.reserve(all + all / 8);
  processes_.resize(all);
  std::size_t from = old;
  std::size_t to = all;
  for (auto listed = pids_.rbegin(); to > from; ++listed) {
    --to;
    if (from > 0 && processes_[from - 1].now.pid == *listed) {
      processes_[to] = processes_[--from];
      continue;
    }
    FollowedProcess& process = processes_[to];
    process = FollowedProcess{};
    process.now.pid = *listed;
    process.now.start = newest_start_;
    process.read_ns = list_ns_;
  }
}

void ProcessTable::read_some(std::int64_t monotonic_ns) {
  if (processes_.size() <= budget_) {
    for (FollowedProcess& process : processes_) read(process, monotonic_ns);
    round_ended_ = true;
    return;
  }
  const auto waiting = static_cast<std::size_t>(
      std::count_if(processes_.begin(), processes_.end(), [](const FollowedProcess& p) { return !p.tried; }));
  // Without a share that is theirs, a storm of new processes would leave the others unread.
  const std::size_t others = processes_.size() - waiting;
  std::size_t left = budget_;
  std::size_t news = std::min(waiting, budget_ - std::min(others, std::max<std::size_t>(1, budget_ / 4)));
  for (auto process = processes_.begin(); news > 0 && process != processes_.end(); ++process) {
    if (process->tried) continue;
    read(*process, monotonic_ns);
    --news;
    --left;
  }
  round_ended_ = false;
  const auto start = std::partition_point(processes_.begin(), processes_.end(),
                                          [this](const FollowedProcess& p) { return p.now.pid <= round_; });
  std::size_t at = static_cast<std::size_t>(start - processes_.begin());
  for (std::size_t passed = 0; left > 0 && passed < processes_.size(); ++passed, ++at) {
    if (at == processes_.size()) {
      at = 0;
      round_ended_ = true;
    }
    FollowedProcess& process = processes_[at];
    if (process.fresh || process.gone || !process.tried) continue;
    read(process, monotonic_ns);
    round_ = process.now.pid;
    --left;
  }
}

void ProcessTable::read(FollowedProcess& process, std::int64_t monotonic_ns) {
  ProcessStat now;
  process.tried = true;
  const ReadResult result = source_.read(process.now.pid, process.files, now);
  if (result != ReadResult::good) {
    process.gone = result == ReadResult::gone;
    return;
  }
  newest_read_ = std::max(newest_read_, now.start);
  const bool same = process.known && process.now.start == now.start;
  if (!same) {
    process.candidates = 0;
    process.evaluations = 0;
  } else if (process.now.image != now.image || process.now.name() != now.name()) {
    process.evaluations = 0;
  }
  if (process.evaluations < kEvaluations) {
    ++process.evaluations;
    process.candidates = questions_.evaluate(now);
  }
  source_.read_details(questions_.details(process.candidates), process.files, now);
  compare(now, process, monotonic_ns);
  process.now = now;
  process.read_ns = monotonic_ns;
  process.known = true;
  process.fresh = true;
}

// What it did since the last reading.
void ProcessTable::compare(const ProcessStat& now, FollowedProcess& process, std::int64_t monotonic_ns) {
  const bool same = process.known && process.now.start == now.start;
  const bool born = !same && now.start > process.now.start;
  process.interval_ns = same || born ? monotonic_ns - process.read_ns : 0;
  for (std::size_t i = 0; i < kProcessCounters; ++i) {
    const DetailSet detail = detail_of(static_cast<ProcessCounter>(i));
    const bool comparable = born || (same && (process.now.have & detail) == detail);
    const std::uint64_t before = born ? 0 : process.now.counters[i];
    const std::uint64_t after = now.counters[i];
    process.spent[i] = comparable && (now.have & detail) == detail && after > before ? after - before : 0;
  }
}

}  // namespace picket::perf_collector
