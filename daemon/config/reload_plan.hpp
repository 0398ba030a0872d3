// SPDX-License-Identifier: Apache-2.0
//
// What a reload from one configuration to another would do, and what would be lost by it: the verb `plan`, and the
// command `plan` of the daemon. It compares configurations as print_running() gives them, so it needs no plugins to
// read the old one, and never sees a secret. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "picket/result.hpp"

namespace picket::config {

enum class PlanAction {
  start,        // an instance that is new
  stop,         // an instance that is gone; sinks first get what waits for them
  restart,      // an instance whose plugin cannot take the new settings while it runs, or that gets another plugin
  reconfigure,  // an instance that takes them while it runs, unless it says then that it cannot: then a restart
  add,          // a route that is new
  remove,       // a route that is gone; its destinations still deliver what they hold
  rewire,       // a route with other sources, filter, steps, destinations or queues
  set,          // a setting of the daemon that takes effect at once
  next_start,   // a setting of the daemon that takes effect when it starts next
  keep,         // not touched
};
const char* to_string(PlanAction action);

struct PlanItem {
  enum class Kind { daemon, instance, route };

  Kind kind = Kind::instance;
  std::string name;  // of a setting of the daemon, "log.level"
  PlanAction action = PlanAction::keep;
  std::vector<std::string> changes;  // "interval: 5s -> 10s"
};
const char* to_string(PlanItem::Kind kind);

struct PlanLoss {
  std::string route;  // where
  std::string what;   // a sentence
  // How many events wait there now; nothing when no daemon was asked, or when it is not events that are lost.
  std::optional<std::uint64_t> events;
};

struct ReloadPlan {
  std::string hash_before;
  std::string hash_after;
  std::vector<PlanItem> items;  // daemon, instances, routes; each in order of name
  std::vector<PlanLoss> losses;
  std::vector<std::string> notes;

  bool changes_something() const;
};

// What the two configurations do not say. Every function may be empty.
struct PlanKnowledge {
  // Whether the instance can take new settings while it runs (picket.reload/1). Empty: none can.
  std::function<bool(const std::string& instance)> takes_settings;
  // Whether steps of this type remember something from one event to the next. Empty: all do.
  std::function<bool(const std::string& type)> step_remembers;
  // How many events wait for `instance` in `route`, and how many groups the step at `place` (from 0) of `route` holds.
  // Empty: not known.
  std::function<std::uint64_t(const std::string& route, const std::string& instance)> waiting;
  std::function<std::uint64_t(const std::string& route, std::size_t place)> held;
  // Instances and routes that differ; where the texts do not, it is a secret that does. Nothing: not known, and the
  // plan says so where there are secrets.
  std::optional<std::set<std::string>> other;
  // Settings of the daemon that the command line decides, whatever the files say: "log.level". They stay as they are.
  std::set<std::string> overruled;
};

// Both are JSON texts of print_running(), to the byte: the hashes are theirs. Fails when one is none.
Result<ReloadPlan> plan_reload(std::string_view before, std::string_view after, const PlanKnowledge& knowledge);

// As one JSON object.
std::string plan_json(const ReloadPlan& plan);

}  // namespace picket::config
