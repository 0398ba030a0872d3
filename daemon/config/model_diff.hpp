// SPDX-License-Identifier: Apache-2.0
//
// What changes from one checked model to the next: what a reload touches, and what `plan` shows. Where something is
// written (file, line) is no difference. Pure functions, any thread.
#pragma once

#include <string>
#include <vector>

#include "config/model.hpp"

namespace picket::config {

// Names, each list sorted.
struct Changes {
  std::vector<std::string> added;
  std::vector<std::string> removed;
  std::vector<std::string> changed;

  bool empty() const { return added.empty() && removed.empty() && changed.empty(); }
};

struct ModelDiff {
  Changes instances;                  // changed: other settings or another type
  std::vector<std::string> replaced;  // of the changed instances, those of another type: no reload can keep them
  Changes routes;                     // changed: other sources, filter, steps, destinations or queues
  std::vector<std::string> daemon;    // settings that differ, as "log.level"

  bool empty() const { return instances.empty() && routes.empty() && daemon.empty(); }
};

// Whether the two routes do the same.
bool same_meaning(const Route& a, const Route& b);

ModelDiff diff(const Model& before, const Model& after);

}  // namespace picket::config
