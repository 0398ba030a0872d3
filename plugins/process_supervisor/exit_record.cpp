// SPDX-License-Identifier: Apache-2.0
#include "exit_record.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

namespace picket::process_supervisor {

void Measurements::add(const Measurement& measurement, std::int64_t span_ns) {
  if (span_ns <= 0) return;
  if (!kept_) kept_ = std::make_unique<std::deque<Measurement>>();
  // A step of the wall clock must neither empty the record nor keep it for ever: only what comes before is dropped.
  kept_->push_back(measurement);
  while (kept_->size() > 1 && (kept_->size() > kMost || kept_->front().time_ns < measurement.time_ns - span_ns)) {
    kept_->pop_front();
  }
}

std::string Measurements::to_json() const {
  if (!kept_) return {};
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Measurement& one : *kept_) {
    nlohmann::ordered_json row;
    row["time"] = std::round(static_cast<double>(one.time_ns) / 1e6) / 1e3;
    if (one.cpu_ns >= 0) row["cpu"] = std::round(static_cast<double>(one.cpu_ns) / 1e6) / 1e3;
    if (one.memory >= 0) row["memory"] = one.memory;
    row["processes"] = one.processes;
    if (one.read_bytes >= 0) row["read"] = one.read_bytes;
    if (one.written_bytes >= 0) row["written"] = one.written_bytes;
    list.push_back(std::move(row));
  }
  return list.dump();
}

}  // namespace picket::process_supervisor
