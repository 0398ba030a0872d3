// SPDX-License-Identifier: Apache-2.0
//
// The command `plan`: what a reload would do now. The daemon knows more than the files do: which plugins take settings
// while they run, which secrets differ, and what waits in which queue.
#include <map>
#include <utility>

#include "config/model_diff.hpp"
#include "config/print.hpp"
#include "config/reload_plan.hpp"
#include "service/daemon.hpp"

namespace picket::service {

Result<std::string> Daemon::plan_json() const {
  const LoadedModel loaded = parts_.load();
  if (!loaded.model) {
    std::string problems = "the configuration is not good; a reload would be refused";
    for (const std::string& problem : loaded.problems) problems += "\n" + problem;
    return Error{problems, PICKET_INVALID};
  }
  const config::ModelDiff difference = config::diff(model_, *loaded.model);
  config::PlanKnowledge knowledge;
  knowledge.other.emplace(difference.instances.changed.begin(), difference.instances.changed.end());
  knowledge.other->insert(difference.routes.changed.begin(), difference.routes.changed.end());
  knowledge.takes_settings = [this](const std::string& name) {
    const auto found = instances_.find(name);
    return found != instances_.end() && found->second->status().takes_settings;
  };
  std::map<std::pair<std::string, std::string>, std::uint64_t> waiting;
  std::map<std::string, std::vector<std::uint64_t>> held;
  for (const routing::DestinationStatus& status : core_.router.status()) {
    if (status.retired) continue;
    waiting[{status.route, status.instance}] += status.ledger.queued + status.ledger.in_flight;
    for (const routing::StepStatus& step : status.steps) held[status.route].push_back(step.held);
  }
  knowledge.waiting = [&](const std::string& route, const std::string& instance) {
    const auto found = waiting.find({route, instance});
    return found == waiting.end() ? 0 : found->second;
  };
  knowledge.held = [&](const std::string& route, std::size_t place) -> std::uint64_t {
    const auto found = held.find(route);
    return found == held.end() || place >= found->second.size() ? 0 : found->second[place];
  };
  const auto plan = config::plan_reload(config::print_running(model_), config::print_running(*loaded.model), knowledge);
  if (!plan.ok()) return plan.error();
  return config::plan_json(*plan);
}

}  // namespace picket::service
