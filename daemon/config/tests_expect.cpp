// SPDX-License-Identifier: Apache-2.0
//
// check_test_expectations(): what each item of `expect` is about, whether that exists, and whether it can be so.
#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "config/sections.hpp"
#include "config/suggest.hpp"

namespace picket::config {
namespace {

using nlohmann::json;

constexpr const char* kStepsLabel = "(steps)";  // as routing::kStepsName

class ExpectationChecker {
 public:
  ExpectationChecker(std::int64_t start_ns, const std::string& what, const LoadInput& input, const Model& model,
                     Diagnostics& diagnostics)
      : start_ns_(start_ns), what_(what), input_(input), model_(model), diagnostics_(diagnostics) {}

  TestExpectation check(const Node& node, const json& value) {
    TestExpectation expectation;
    expectation.where = locate(node.where);
    const bool about_events = node.find("route") != nullptr || node.find("to") != nullptr;
    const Entry* const command = node.find_entry("command");
    const Entry* const ledger = node.find_entry("ledger");
    if (static_cast<int>(about_events) + static_cast<int>(command != nullptr) + static_cast<int>(ledger != nullptr) !=
        1) {
      error(node.where,
            "an expectation is about either a `route` (or what arrives `to` an instance), or a `command`, "
            "or a `ledger`");
      return expectation;
    }
    if (ledger != nullptr) {
      expectation.kind = TestExpectation::Kind::ledger;
      check_ledger(node, ledger->value, value["ledger"], expectation);
      return expectation;
    }
    if (command != nullptr) {
      expectation.kind = TestExpectation::Kind::calls;
      check_command(command->value, value["command"], expectation);
    } else {
      route_and_destination(node, expectation);
    }
    where(node, expectation.only);
    count(node, value, expectation);
    list(node, value, expectation);
    return expectation;
  }

 private:
  void error(const Place& place, const std::string& message) {
    report(diagnostics_, Severity::error, place, what_ + ": " + message);
  }

  const Route* find_route(const Node& name) {
    const auto found = model_.routes.find(name.text);
    if (found != model_.routes.end()) return &found->second;
    std::vector<std::string> names;
    for (const auto& [route, model] : model_.routes) names.push_back(route);
    error(name.where, "there is no route `" + name.text + "`" + suggestion(name.text, names));
    return nullptr;
  }

  void route_and_destination(const Node& node, TestExpectation& expectation) {
    const Node* const route_node = node.find("route");
    const Node* const to = node.find("to");
    const Route* const route = route_node == nullptr ? nullptr : find_route(*route_node);
    if (route_node != nullptr && route == nullptr) return;
    if (route_node != nullptr) expectation.route = route_node->text;
    std::set<std::string> sinks;
    std::set<std::string> commands;
    for (const auto& [name, model] : model_.routes) {
      if (route != nullptr && &model != route) continue;
      for (const Destination& each : model.to) (each.call ? commands : sinks).insert(each.label());
    }
    const std::vector<std::string> names(sinks.begin(), sinks.end());
    const std::string of_route = route == nullptr ? "no route leads" : "route `" + route->name + "` does not lead";
    if (to == nullptr) {
      if (sinks.size() == 1) {
        expectation.to = *sinks.begin();
      } else if (sinks.empty()) {
        error(node.where, of_route + " to an instance; its calls are expected as `command: {...}`");
      } else {
        error(node.where, "`to` is missing: the route has several destinations, " + quoted_list(names));
      }
      return;
    }
    expectation.to = to->text;
    if (sinks.contains(to->text)) return;
    const bool called = std::any_of(commands.begin(), commands.end(), [&](const std::string& label) {
      return label == to->text || label.starts_with(to->text + ".");
    });
    error(to->where, called ? "`" + to->text + "` takes calls; they are expected as `command: {instance, command}`"
                            : of_route + " to `" + to->text + "`" + suggestion(to->text, names));
  }

  void check_command(const Node& node, const json& value, TestExpectation& expectation) {
    expectation.instance = value["instance"];
    expectation.command = value["command"];
    std::set<std::string> instances;
    std::set<std::string> commands;
    for (const auto& [name, route] : model_.routes) {
      for (const Destination& to : route.to) {
        if (!to.call) continue;
        instances.insert(to.instance);
        if (to.instance == expectation.instance) commands.insert(to.call->command);
      }
    }
    const Node& instance = *node.find("instance");
    const Node& command = *node.find("command");
    if (instances.empty()) {
      error(instance.where, "no route calls a command");
    } else if (!instances.contains(expectation.instance)) {
      error(instance.where, "no route calls a command of `" + expectation.instance + "`" +
                                suggestion(expectation.instance, std::vector(instances.begin(), instances.end())));
    } else if (!commands.contains(expectation.command)) {
      error(command.where, "no route calls `" + expectation.command + "` of `" + expectation.instance + "`" +
                               suggestion(expectation.command, std::vector(commands.begin(), commands.end())));
    }
    if (const Node* const args = node.find("args")) {
      expectation.only.values = check_test_values(*args, true, start_ns_, input_, what_, diagnostics_);
    }
  }

  void check_ledger(const Node& node, const Node& ledger, const json& value, TestExpectation& expectation) {
    for (const Entry& entry : node.entries) {
      if (entry.key != "ledger") error(entry.where, "`" + entry.key + "` means nothing beside `ledger`");
    }
    for (const char* number : kLedgerNumbers) {
      if (value.contains(number)) expectation.ledger[number] = value[number];
    }
    if (expectation.ledger.empty()) {
      const std::vector<std::string> names(std::begin(kLedgerNumbers), std::end(kLedgerNumbers));
      error(ledger.where, "a ledger needs numbers to compare; some of " + quoted_list(names));
    }
    const Route* const route = find_route(*ledger.find("route"));
    if (route == nullptr) return;
    expectation.route = route->name;
    std::vector<std::string> labels;
    for (const Destination& to : route->to) labels.push_back(to.label());
    if (!route->steps.empty()) labels.emplace_back(kStepsLabel);
    const Node* const to = ledger.find("to");
    if (to == nullptr) {
      if (route->to.size() != 1) {
        error(ledger.where, "`to` is missing: the route has several destinations, " + quoted_list(labels));
      }
      if (!labels.empty()) expectation.to = labels.front();
    } else if (std::find(labels.begin(), labels.end(), to->text) == labels.end()) {
      error(to->where,
            "route `" + route->name + "` has no destination `" + to->text + "`" + suggestion(to->text, labels));
    } else {
      expectation.to = to->text;
    }
  }

  void where(const Node& node, TestMatch& match) {
    const Node* const text = node.find("where");
    if (text == nullptr) return;
    match.where_expression = text->text;
    if (!input_.check_filter) return;
    if (const auto problem = input_.check_filter(text->text)) {
      error(place_in_scalar(*text, std::min(problem->offset, text->text.size())), problem->message);
    }
  }

  void count(const Node& node, const json& value, TestExpectation& expectation) {
    TestCount& result = expectation.count;
    if (value.contains("count")) result.exactly = value["count"];
    if (value.contains("at_least")) result.at_least = value["at_least"];
    if (value.contains("at_most")) result.at_most = value["at_most"];
    if (const Entry* const none = node.find_entry("none")) {
      if (result.given()) error(none->where, "`none` stands alone, without `count`, `at_least` and `at_most`");
      result = {0, {}, {}};
    } else if (result.exactly && (result.at_least || result.at_most)) {
      error(node.find_entry("count")->where, "`count` stands alone, without `at_least` and `at_most`");
    } else if (result.at_least && result.at_most && *result.at_least > *result.at_most) {
      error(node.find_entry("at_least")->where, "`at_least` is more than `at_most`");
    }
  }

  void list(const Node& node, const json& value, TestExpectation& expectation) {
    const bool calls = expectation.kind == TestExpectation::Kind::calls;
    const char* const key = calls ? "calls" : "events";
    if (const Entry* const other = node.find_entry(calls ? "events" : "calls")) {
      error(other->where, std::string("here they are called `") + key + "`");
    }
    expectation.more = value.value("more", false);
    const Node* const items = node.find(key);
    if (items == nullptr) {
      if (const Entry* const more = node.find_entry("more")) {
        error(more->where, std::string("`more` belongs to a list of `") + key + "`");
      }
      return;
    }
    expectation.listed = true;
    for (std::size_t i = 0; i < items->items.size(); ++i) {
      expectation.list.push_back(match(items->items[i], value[key][i], calls));
    }
    const std::size_t listed = items->items.size();
    const TestCount& wanted = expectation.count;
    const bool too_few = (wanted.exactly && *wanted.exactly < listed) || (wanted.at_most && *wanted.at_most < listed);
    const bool too_many =
        (wanted.exactly && *wanted.exactly > listed) || (wanted.at_least && *wanted.at_least > listed);
    if (too_few || (too_many && !expectation.more)) {
      error(items->where, std::to_string(listed) + (listed == 1 ? " is" : " are") +
                              " listed, which contradicts the number that is expected" +
                              (too_few ? "" : "; with `more: true` there may be others"));
    }
  }

  TestMatch match(const Node& node, const json& value, bool call) {
    TestMatch result;
    result.where = locate(node.where);
    if (const auto at = value.find("at"); at != value.end()) {
      result.from_ns = at->is_object() ? (*at)["from"] : *at;
      result.to_ns = at->is_object() ? (*at)["to"] : *at;
      if (*result.to_ns < *result.from_ns) error(node.find("at")->where, "`to` must not be before `from`");
    }
    where(node, result);
    const Node* const values = call ? node.find("args") : &node;
    if (values != nullptr) {
      result.values = check_test_values(*values, call, start_ns_, input_, what_, diagnostics_);
    }
    return result;
  }

  const std::int64_t start_ns_;
  const std::string& what_;
  const LoadInput& input_;
  const Model& model_;
  Diagnostics& diagnostics_;
};

}  // namespace

std::vector<TestExpectation> check_test_expectations(const Node& expect, const json& checked, std::int64_t start_ns,
                                                     const std::string& what, const LoadInput& input,
                                                     const Model& model, Diagnostics& diagnostics) {
  ExpectationChecker checker(start_ns, what, input, model, diagnostics);
  std::vector<TestExpectation> result;
  for (std::size_t i = 0; i < expect.items.size(); ++i) {
    result.push_back(checker.check(expect.items[i], checked[i]));
  }
  return result;
}

}  // namespace picket::config
