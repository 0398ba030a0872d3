// SPDX-License-Identifier: Apache-2.0
//
// Looks at ports, HTTP servers and files without holding anybody up: a seam, with the real one in network_prober.cpp
// and a scripted one in the tests. Checks that are commands are programs (helper_runs.hpp).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <picket/plugin.hpp>

#include "settings.hpp"

namespace picket::process_supervisor {

struct ProbeResult {
  bool ok = false;
  std::string why;              // when it is not: "127.0.0.1:8080: Connection refused"
  std::int64_t written_ns = 0;  // of a file: when it was written last, UTC
};

using Probe = std::uint64_t;  // 0: none

// [control], and so are the answers.
class Prober {
 public:
  virtual ~Prober() = default;

  // One look at `target` of kind port, http or file. `done` runs once, never within begin(), and not before something
  // is known: how long to wait is the caller's.
  virtual Probe begin(Check::Kind kind, const std::string& target, std::function<void(const ProbeResult&)> done) = 0;
  // `done` will not run. 0 and those that are over are fine.
  virtual void cancel(Probe& probe) = 0;
};

// With a thread of its own, from the first probe on.
std::unique_ptr<Prober> make_network_prober(Host host);

}  // namespace picket::process_supervisor
