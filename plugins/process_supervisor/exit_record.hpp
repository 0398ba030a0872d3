// SPDX-License-Identifier: Apache-2.0
//
// What is known of a program's resources: the newest measurement, and those of its last minutes for the record of its
// end. Takes no memory before the first measurement. [control]
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include <picket/plugin.hpp>

namespace picket::process_supervisor {

struct Measurement {
  std::int64_t time_ns = 0;  // UTC
  std::int64_t cpu_ns = 0;   // user and system, since the start; -1: not known, as below
  std::int64_t memory = 0, processes = 0, read_bytes = 0, written_bytes = 0;
};

class Measurements {
 public:
  // At most so many of them, no older than `span_ns`.
  void add(const Measurement& measurement, std::int64_t span_ns);
  void clear() { kept_.reset(); }
  std::size_t size() const { return kept_ ? kept_->size() : 0; }

  // [{"time": seconds since 1970, "cpu": seconds, "memory": bytes, "processes": n, "read": bytes, "written": bytes}];
  // what is not known is left out. Empty text: nothing was measured.
  std::string to_json() const;

  static constexpr std::size_t kMost = 120;

 private:
  std::unique_ptr<std::deque<Measurement>> kept_;
};

}  // namespace picket::process_supervisor
