// SPDX-License-Identifier: Apache-2.0
#include "config/reload_plan.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "config/fingerprint.hpp"

namespace picket::config {
namespace {

using PlanTree = nlohmann::ordered_json;

constexpr std::size_t kMaxShownChanges = 20;  // of one item
constexpr std::size_t kMaxShownValue = 60;    // bytes
constexpr const char* kSecretText = "(secret)";

// The daemon reads these once.
const std::set<std::string>& settings_of_the_start() {
  static const std::set<std::string> kSettings{"metrics.interval", "plugin_dirs", "recorder.size", "state_dir",
                                               "threads"};
  return kSettings;
}

// --- what differs ---------------------------------------------------------------------------------------------------

std::string shown(const PlanTree& value) {
  std::string text =
      value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, PlanTree::error_handler_t::replace);
  if (text.size() <= kMaxShownValue) return text;
  std::size_t cut = kMaxShownValue;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0U) == 0x80U) --cut;  // not within a character
  return text.substr(0, cut) + "...";
}

// One line for each leaf that differs. Lists are leaves, unless they are as long as each other.
void collect_changes(const PlanTree& before, const PlanTree& after, const std::string& path,
                     std::vector<std::string>& changes) {
  if (before == after) return;
  const auto below = [&](const std::string& key) { return path.empty() ? key : path + "." + key; };
  if (before.is_object() && after.is_object()) {
    for (const auto& [key, value] : before.items()) {
      if (after.contains(key)) {
        collect_changes(value, after[key], below(key), changes);
      } else {
        changes.push_back(below(key) + ": " + shown(value) + " -> (not set)");
      }
    }
    for (const auto& [key, value] : after.items()) {
      if (!before.contains(key)) changes.push_back(below(key) + ": (not set) -> " + shown(value));
    }
  } else if (before.is_array() && after.is_array() && before.size() == after.size()) {
    for (std::size_t i = 0; i < before.size(); ++i) {
      collect_changes(before[i], after[i], path + "[" + std::to_string(i + 1) + "]", changes);
    }
  } else {
    changes.push_back((path.empty() ? "all" : path) + ": " + shown(before) + " -> " + shown(after));
  }
}

std::vector<std::string> changes_between(const PlanTree& before, const PlanTree& after) {
  std::vector<std::string> changes;
  collect_changes(before, after, "", changes);
  if (changes.size() > kMaxShownChanges) {
    const std::size_t more = changes.size() - (kMaxShownChanges - 1);
    changes.resize(kMaxShownChanges - 1);
    changes.push_back("and " + std::to_string(more) + " more");
  }
  return changes;
}

bool holds_a_secret(const PlanTree& value) {
  if (value.is_string()) return value.get_ref<const std::string&>() == kSecretText;
  return value.is_structured() && std::any_of(value.begin(), value.end(), holds_a_secret);
}

// Leaves of `section` by their path.
void flatten(const PlanTree& section, const std::string& path, std::map<std::string, PlanTree>& leaves) {
  if (!section.is_object()) {
    leaves[path] = section;
    return;
  }
  for (const auto& [key, value] : section.items()) flatten(value, path.empty() ? key : path + "." + key, leaves);
}

// Gives `fresh` the settings of the daemon that the command line decides, as `old` has them.
void overrule(const PlanTree& old, PlanTree& fresh, const std::set<std::string>& settings) {
  for (std::string name : settings) {
    std::replace(name.begin(), name.end(), '.', '/');
    const PlanTree::json_pointer at("/daemon/" + name);
    if (old.contains(at) && fresh.contains(at)) fresh[at] = old[at];
  }
}

// --- the plan -------------------------------------------------------------------------------------------------------

class Planner {
 public:
  Planner(const PlanTree& before, const PlanTree& after, const PlanKnowledge& knowledge, ReloadPlan& plan)
      : before_(before), after_(after), knowledge_(knowledge), plan_(plan) {}

  void run() {
    plan_daemon();
    plan_instances();
    plan_routes();
    note_secrets();
  }

 private:
  using Section = std::map<std::string, PlanTree>;

  static Section section(const PlanTree& tree, const char* name) {
    Section entries;
    for (const auto& [key, value] : tree.at(name).items()) entries.emplace(key, value);
    return entries;
  }

  void add(PlanItem::Kind kind, const std::string& name, PlanAction action, std::vector<std::string> changes = {}) {
    plan_.items.push_back({kind, name, action, std::move(changes)});
  }
  bool secretly_different(const std::string& name) const {
    return knowledge_.other && knowledge_.other->contains(name);
  }

  void plan_daemon() {
    Section before;
    Section after;
    flatten(before_.at("daemon"), "", before);
    flatten(after_.at("daemon"), "", after);
    std::set<std::string> names;
    for (const auto& [name, value] : before) names.insert(name);
    for (const auto& [name, value] : after) names.insert(name);
    for (const std::string& name : names) {
      const PlanTree old = before.contains(name) ? before[name] : PlanTree("(not set)");
      const PlanTree fresh = after.contains(name) ? after[name] : PlanTree("(not set)");
      if (old == fresh) continue;
      add(PlanItem::Kind::daemon, name,
          settings_of_the_start().contains(name) ? PlanAction::next_start : PlanAction::set,
          {shown(old) + " -> " + shown(fresh)});
    }
  }

  void plan_instances() {
    const Section before = section(before_, "instances");
    const Section after = section(after_, "instances");
    std::set<std::string> names;
    for (const auto& [name, value] : before) names.insert(name);
    for (const auto& [name, value] : after) names.insert(name);
    for (const std::string& name : names) {
      const auto old = before.find(name);
      const auto fresh = after.find(name);
      if (old == before.end()) {
        add(PlanItem::Kind::instance, name, PlanAction::start,
            {"type: " + shown(fresh->second.value("type", PlanTree()))});
      } else if (fresh == after.end()) {
        add(PlanItem::Kind::instance, name, PlanAction::stop);
        removed_.insert(name);
      } else {
        plan_instance(name, old->second, fresh->second);
      }
    }
  }

  void plan_instance(const std::string& name, const PlanTree& old, const PlanTree& fresh) {
    std::vector<std::string> changes = changes_between(old, fresh);
    if (changes.empty() && secretly_different(name)) changes.emplace_back("a secret");
    if (changes.empty()) return add(PlanItem::Kind::instance, name, PlanAction::keep);
    const bool same_type = old.value("type", PlanTree()) == fresh.value("type", PlanTree());
    const bool in_place = same_type && knowledge_.takes_settings && knowledge_.takes_settings(name);
    add(PlanItem::Kind::instance, name, in_place ? PlanAction::reconfigure : PlanAction::restart, std::move(changes));
  }

  void plan_routes() {
    const Section before = section(before_, "routes");
    const Section after = section(after_, "routes");
    std::set<std::string> names;
    for (const auto& [name, value] : before) names.insert(name);
    for (const auto& [name, value] : after) names.insert(name);
    for (const std::string& name : names) {
      const auto old = before.find(name);
      const auto fresh = after.find(name);
      if (old == before.end()) {
        add(PlanItem::Kind::route, name, PlanAction::add);
        continue;
      }
      find_lost_events(name, old->second);
      if (fresh == after.end()) {
        add(PlanItem::Kind::route, name, PlanAction::remove);
        find_lost_state(name, old->second, PlanTree::object());
        continue;
      }
      std::vector<std::string> changes = changes_between(old->second, fresh->second);
      if (changes.empty() && secretly_different(name)) changes.emplace_back("a secret");
      find_lost_state(name, old->second, fresh->second);
      const PlanAction action = changes.empty() ? PlanAction::keep : PlanAction::rewire;
      add(PlanItem::Kind::route, name, action, std::move(changes));
    }
  }

  // A queue whose sink goes is drained for a while; what is left then is dropped. One whose sink stays is delivered.
  void find_lost_events(const std::string& route, const PlanTree& old) {
    if (!old.contains("to")) return;
    for (const PlanTree& to : old["to"]) {
      const std::string instance = to.value("instance", "");
      if (!removed_.contains(instance)) continue;
      const std::string command = to.value("command", "");
      std::optional<std::uint64_t> events;
      if (knowledge_.waiting) events = knowledge_.waiting(route, command.empty() ? instance : instance + "." + command);
      if (events == 0U) continue;
      if (to.value("durable", false) || to.value("on_full", "") == "spill") {
        plan_.notes.push_back("route " + route + ": what `" + instance +
                              "`, which goes, does not take stays in the spool of the route");
        continue;
      }
      const std::string patience = shown(after_.at("daemon").value("stop_timeout", PlanTree("its time")));
      plan_.losses.push_back(
          {route,
           (events ? std::to_string(*events) + " events wait" : std::string("what waits")) + " for `" + instance +
               "`, which goes: " + (events ? "what it has" : "as far as it has") +
               " not taken within daemon.stop_timeout (" + patience + ") " + (events ? "of them " : "") + "is dropped",
           events});
    }
  }

  // As routing::plan_steps: those steps keep what they remember that both lists have, in the same order.
  void find_lost_state(const std::string& route, const PlanTree& old, const PlanTree& fresh) {
    const PlanTree before = old.value("steps", PlanTree::array());
    const PlanTree after = fresh.value("steps", PlanTree::array());
    std::set<std::size_t> kept;
    std::size_t from = 0;
    for (const PlanTree& step : after) {
      for (std::size_t i = from; i < before.size(); ++i) {
        if (before[i] != step) continue;
        kept.insert(i);
        from = i + 1;
        break;
      }
    }
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (kept.contains(i) || !before[i].is_object() || before[i].empty()) continue;
      const std::string type = before[i].begin().key();
      if (knowledge_.step_remembers && !knowledge_.step_remembers(type)) continue;
      std::string what = "what step " + std::to_string(i + 1) + " (" + type + ") remembers";
      if (knowledge_.held) {
        const std::uint64_t held = knowledge_.held(route, i);
        if (held == 0) continue;
        what += " of " + std::to_string(held) + (held == 1 ? " group" : " groups");
      }
      plan_.losses.push_back({route, what + " is forgotten", std::nullopt});
    }
  }

  void note_secrets() {
    if (knowledge_.other) return;
    for (const PlanItem& item : plan_.items) {
      if (item.action != PlanAction::keep) continue;
      const char* const part = item.kind == PlanItem::Kind::instance ? "instances" : "routes";
      if (!holds_a_secret(after_.at(part).at(item.name))) continue;
      plan_.notes.push_back("`" + item.name + "` has a secret, and secrets cannot be compared here: " +
                            "if one has changed, a reload gives it the new one");
    }
  }

  const PlanTree& before_;
  const PlanTree& after_;
  const PlanKnowledge& knowledge_;
  ReloadPlan& plan_;
  std::set<std::string> removed_;
};

}  // namespace

const char* to_string(PlanAction action) {
  switch (action) {
    case PlanAction::start:
      return "start";
    case PlanAction::stop:
      return "stop";
    case PlanAction::restart:
      return "restart";
    case PlanAction::reconfigure:
      return "reconfigure";
    case PlanAction::add:
      return "add";
    case PlanAction::remove:
      return "remove";
    case PlanAction::rewire:
      return "rewire";
    case PlanAction::set:
      return "set";
    case PlanAction::next_start:
      return "next start";
    case PlanAction::keep:
      break;
  }
  return "keep";
}

const char* to_string(PlanItem::Kind kind) {
  switch (kind) {
    case PlanItem::Kind::daemon:
      return "daemon";
    case PlanItem::Kind::route:
      return "route";
    case PlanItem::Kind::instance:
      break;
  }
  return "instance";
}

bool ReloadPlan::changes_something() const {
  return std::any_of(items.begin(), items.end(), [](const PlanItem& item) { return item.action != PlanAction::keep; });
}

Result<ReloadPlan> plan_reload(std::string_view before, std::string_view after, const PlanKnowledge& knowledge) {
  ReloadPlan plan;
  plan.hash_before = short_hash(before);
  plan.hash_after = short_hash(after);
  try {
    const PlanTree old = PlanTree::parse(before);
    PlanTree fresh = PlanTree::parse(after);
    if (!knowledge.overruled.empty()) {
      overrule(old, fresh, knowledge.overruled);
      plan.hash_after = short_hash(fresh.dump(2) + "\n");  // of what the daemon would have in force
    }
    Planner(old, fresh, knowledge, plan).run();
  } catch (const nlohmann::json::exception& error) {
    return Error{std::string("this is no configuration: ") + error.what(), PICKET_INVALID};
  }
  return plan;
}

std::string plan_json(const ReloadPlan& plan) {
  PlanTree root{{"changes", plan.changes_something()}, {"hash_before", plan.hash_before},
                {"hash_after", plan.hash_after},       {"items", PlanTree::array()},
                {"losses", PlanTree::array()},         {"notes", plan.notes}};
  for (const PlanItem& item : plan.items) {
    PlanTree entry{{"kind", to_string(item.kind)}, {"name", item.name}, {"action", to_string(item.action)}};
    if (!item.changes.empty()) entry["changes"] = item.changes;
    root["items"].push_back(std::move(entry));
  }
  for (const PlanLoss& loss : plan.losses) {
    PlanTree entry{{"route", loss.route}, {"what", loss.what}};
    if (loss.events) entry["events"] = *loss.events;
    root["losses"].push_back(std::move(entry));
  }
  return root.dump(2, ' ', false, PlanTree::error_handler_t::replace);
}

}  // namespace picket::config
