// SPDX-License-Identifier: Apache-2.0
#include "commands/plan.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "commands/exit_codes.hpp"
#include "commands/offline_instance.hpp"
#include "commands/table.hpp"
#include "commands/verb_options.hpp"
#include "commands/verbs.hpp"
#include "config/print.hpp"
#include "config/reload_plan.hpp"
#include "platform/utc_time.hpp"
#include "service/printable.hpp"
#include "service/running_configuration.hpp"

namespace picket::commands {
namespace {

// What the plan compares with.
struct PlanBase {
  std::string configuration;        // as config::print_running()
  std::set<std::string> overruled;  // settings of the daemon
  std::string described;            // for people
  std::optional<std::uint64_t> generation;
};

// The base, or an exit code after saying why there is none.
struct PlanBaseAnswer {
  std::optional<PlanBase> base;
  int exit_code = kExitOk;
};

PlanBaseAnswer base_from_files(const PlanOptions& options, const Surroundings& surroundings) {
  ConfigOptions old = options.config;
  old.files = {options.against};
  const Configuration configuration = read_configuration(old, surroundings);
  if (!configuration.loaded.model) {
    surroundings.err << configuration.loaded.diagnostics.render();
    surroundings.err << "picket plan: the configuration to compare with is wrong\n";
    return {std::nullopt, kExitConfiguration};
  }
  return {PlanBase{config::print_running(*configuration.loaded.model), {}, options.against, std::nullopt}, kExitOk};
}

PlanBaseAnswer base_from_state(const std::string& state_dir, const Surroundings& surroundings) {
  const std::filesystem::path file = std::filesystem::path(state_dir) / service::kRunningFile;
  const auto running = service::read_running(file);
  if (!running) {
    surroundings.err << "picket plan: ";
    if (running.error().status == PICKET_NOT_FOUND) {
      surroundings.err << "it is not known what runs: there is no " << file.string()
                       << ". Start the daemon once, give its directory with --state-dir, or compare with another "
                          "configuration by --against\n";
      return {std::nullopt, kExitUnavailable};
    }
    surroundings.err << running.error().message << '\n';
    return {std::nullopt, running.error().status == PICKET_DENIED ? kExitPermission : kExitUnavailable};
  }
  PlanBase base;
  base.configuration = running->configuration;
  base.overruled.insert(running->overruled.begin(), running->overruled.end());
  base.generation = running->generation;
  base.described = "generation " + std::to_string(running->generation) + " in " + state_dir + ", in force since " +
                   platform::format_utc(running->since_ns, 0);
  return {std::move(base), kExitOk};
}

// Types of steps that hold something from one event to the next. `sample` counts, and that is worth nothing.
bool plan_step_remembers(const std::string& type) {
  static const std::set<std::string> kStateless{"enrich", "parse", "rename", "sample", "set", "unset"};
  return !kStateless.contains(type);
}

// The instances that a reload would create, created: a plugin may refuse settings that its schema allows, and says only
// then whether it takes settings while it runs.
std::set<std::string> try_instances(const config::ReloadPlan& first, Configuration& configuration,
                                    const Surroundings& surroundings) {
  std::set<std::string> in_place;
  service::Log log(quiet_log(), surroundings.clock, service::make_stderr_log_sink());
  const config::Model& model = *configuration.loaded.model;
  for (const config::PlanItem& item : first.items) {
    if (item.kind != config::PlanItem::Kind::instance || item.action == config::PlanAction::keep) continue;
    const auto found = model.instances.find(item.name);
    if (found == model.instances.end()) continue;
    const config::Instance& instance = found->second;
    const auto refuse = [&](const std::string& why) {
      configuration.loaded.diagnostics.add({config::Severity::error, instance.where, why, ""});
    };
    const auto type = configuration.catalog->find(instance.type);
    if (!type) {
      refuse(type.error().message);
      continue;
    }
    const auto made = OfflineInstance::create(instance, **type, model.daemon.state_dir, log);
    if (!made) {
      refuse("the plugin " + instance.type + " refuses the settings of `" + item.name + "`: " + made.error().message);
    } else if ((*made)->extension(PICKET_EXT_RELOAD) != nullptr) {
      in_place.insert(item.name);
    }
  }
  return in_place;
}

std::string counted_names(const std::vector<std::string>& names, const std::string& what) {
  if (names.empty()) return "no " + what + "s";
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return std::to_string(names.size()) + " " + what + (names.size() == 1 ? "" : "s") + " (" + list + ")";
}

void show_plan(const config::ReloadPlan& plan, const PlanBase& base, const Surroundings& surroundings) {
  std::ostream& out = surroundings.out;
  out << "against " << service::printable(base.described) << " (" << plan.hash_before << ")\n";
  Table table({{"WHAT"}, {"NAME"}, {"ACTION"}, {"BECAUSE"}});
  std::vector<std::string> instances;
  std::vector<std::string> routes;
  for (const config::PlanItem& item : plan.items) {
    if (item.action == config::PlanAction::keep) {
      (item.kind == config::PlanItem::Kind::instance ? instances : routes).push_back(item.name);
      continue;
    }
    table.add({to_string(item.kind), item.name, to_string(item.action), item.changes.empty() ? "" : item.changes[0]});
    for (std::size_t i = 1; i < item.changes.size(); ++i) table.add({"", "", "", item.changes[i]});
  }
  if (table.empty()) {
    out << "nothing to do\n";
  } else {
    out << '\n';
    table.print(out, surroundings.terminal);
    out << "\nleft alone: " << counted_names(instances, "instance") << ", " << counted_names(routes, "route") << '\n';
  }
  if (plan.changes_something() && plan.losses.empty()) out << "nothing would be lost\n";
  if (!plan.losses.empty()) out << "would be lost:\n";
  for (const config::PlanLoss& loss : plan.losses) {
    out << "  route " << service::printable(loss.route) << ": " << service::printable(loss.what) << '\n';
  }
  for (const std::string& note : plan.notes) out << "note: " << service::printable(note) << '\n';
}

}  // namespace

int plan(const PlanOptions& options, const Surroundings& surroundings) {
  Configuration configuration = read_configuration(options.config, surroundings);
  const auto refused = [&] {
    surroundings.err << configuration.loaded.diagnostics.render();
    return kExitConfiguration;
  };
  if (!configuration.loaded.model) return refused();
  const config::Model& model = *configuration.loaded.model;
  const PlanBaseAnswer answer =
      options.against.empty()
          ? base_from_state(options.state_dir.empty() ? model.daemon.state_dir : options.state_dir, surroundings)
          : base_from_files(options, surroundings);
  if (!answer.base) return answer.exit_code;

  config::PlanKnowledge knowledge;
  knowledge.overruled = answer.base->overruled;
  knowledge.step_remembers = plan_step_remembers;
  const std::string fresh = config::print_running(model);
  const auto first = config::plan_reload(answer.base->configuration, fresh, knowledge);
  if (!first) {
    surroundings.err << "picket plan: " << first.error().message << '\n';
    return kExitUnavailable;
  }
  const std::set<std::string> in_place = try_instances(*first, configuration, surroundings);
  if (configuration.loaded.diagnostics.has_errors()) return refused();
  knowledge.takes_settings = [&](const std::string& name) { return in_place.contains(name); };
  const auto plan = config::plan_reload(answer.base->configuration, fresh, knowledge);

  surroundings.err << configuration.loaded.diagnostics.render();  // warnings
  if (options.json) {
    auto json = nlohmann::ordered_json::parse(config::plan_json(*plan));
    json["against"] = answer.base->described;
    if (answer.base->generation) json["generation"] = *answer.base->generation;
    surroundings.out << json.dump(2) << '\n';
  } else {
    show_plan(*plan, *answer.base, surroundings);
  }
  return plan->losses.empty() ? kExitOk : kExitNotWell;
}

void add_plan(CLI::App& app, Verb& chosen) {
  const auto options = std::make_shared<PlanOptions>();
  CLI::App* const verb = add_verb(
      app,
      {"plan",
       "Show what a reload would do, and what would be lost",
       {"picket plan", "picket plan --config ./picket.yaml --json", "picket plan --config new.yaml --against old.yaml"},
       {"1   something would be lost", "69  it is not known what runs", "77  it may not be read",
        "78  the configuration is wrong: a reload would be refused"}},
      chosen, [options]() -> Verb { return [options](const Surroundings& s) { return plan(*options, s); }; });
  add_config_options(*verb, options->config);
  verb->add_option("--against", options->against,
                   "A configuration to compare with, instead of what the daemon put in force last")
      ->type_name("PATH");
  verb->add_option("--state-dir", options->state_dir, "Where the daemon keeps its state, if not where the files say")
      ->type_name("DIRECTORY");
  verb->add_flag("--json", options->json, "JSON instead of a table");
}

}  // namespace picket::commands
