// SPDX-License-Identifier: Apache-2.0
//
// check_tests(): the schema first, then what a schema cannot say: names, order of time, and the events themselves.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "config/daemon_schema.hpp"
#include "config/sections.hpp"
#include "config/settings.hpp"
#include "config/suggest.hpp"
#include "config/units.hpp"
#include "platform/utc_time.hpp"

namespace picket::config {
namespace {

using nlohmann::json;

// Keys of an item of `events` that are not the event's own.
const std::vector<std::string>& own_keys_of_test_events() {
  static const std::vector<std::string> keys = {"at", "from", "every", "until", "times", "grow", "file"};
  return keys;
}

class TestChecker {
 public:
  TestChecker(std::vector<std::string> instances, const LoadInput& input, const Model& model, Diagnostics& diagnostics)
      : instances_(std::move(instances)),
        input_(input),
        model_(model),
        diagnostics_(diagnostics),
        schema_(PreparedSchema::make(test_schema()).value()) {}

  std::optional<Test> check(const Node& node) {
    const std::size_t before = diagnostics_.errors();
    refuse_secrets(node, "tests", diagnostics_);
    if (diagnostics_.errors() != before) return std::nullopt;
    const Settings settings = check_settings(node, node.where, schema_, {}, diagnostics_);
    if (!settings.sound || diagnostics_.errors() != before) return std::nullopt;
    const json& value = settings.value;
    Test test;
    test.name = value["name"];
    test.where = locate(node.where);
    what_ = "test `" + test.name + "`";
    name(*node.find("name"));
    if (const auto start = platform::parse_utc(value["start"].get_ref<const std::string&>())) {
      test.start_ns = *start;
    } else {
      error(node.find("start")->where, "`start` is no time; write one like 2026-01-01T00:00:00Z");
    }
    if (const Node* events_node = node.find("events")) events(*events_node, value["events"], test);
    test.run_for_ns = value["run_for"];
    test.stop = value["stop"];
    if (const Node* sinks_node = node.find("sinks")) sinks(*sinks_node, value["sinks"], test);
    test.expect = check_test_expectations(*node.find("expect"), value["expect"], test.start_ns, what_, input_, model_,
                                          diagnostics_);
    test.settings = value.dump();
    for (const auto& [pointer, meaning] : settings.meanings) {
      if (meaning == Meaning::duration) test.durations.push_back(pointer);
    }
    return test;
  }

 private:
  void error(const Place& place, const std::string& message) {
    report(diagnostics_, Severity::error, place, what_ + ": " + message);
  }

  void name(const Node& node) {
    const bool printable = std::none_of(node.text.begin(), node.text.end(),
                                        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
    if (!printable) error(node.where, "a name is one line without control characters");
    const auto [first, fresh] = names_.emplace(node.text, node.where);
    if (fresh) return;
    const Location where = locate(first->second);
    error(node.where, "there is another test of this name at " + where.file + ":" + std::to_string(where.line) + ":" +
                          std::to_string(where.column));
  }

  // --- events ------------------------------------------------------------------------------------------------------

  void events(const Node& list, const json& checked, Test& test) {
    std::int64_t before = 0;
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < list.items.size(); ++i) {
      const Node& node = list.items[i];
      const json& value = checked[i];
      TestEvents item;
      item.where = locate(node.where);
      item.at_ns = value.value("at", before);
      if (item.at_ns < before) {
        error(node.find("at")->where, "events stand in order of time: this is before " + format_duration(before));
      }
      before = std::max(before, item.at_ns);
      source(node, item);
      if (node.find("file") != nullptr) {
        captured(node, value, item);
      } else {
        repetitions(node, value, item);
        event(node, value, item);
      }
      total += item.file.empty() ? item.times : 0;
      if (total > Test::kMaxEvents) {
        const Entry* const every = node.find_entry("every");
        return error(every == nullptr ? node.where : every->where,
                     "a test emits at most " + std::to_string(Test::kMaxEvents) + " events");
      }
      test.events.push_back(std::move(item));
    }
  }

  void source(const Node& node, TestEvents& item) {
    const Node* const from = node.find("from");
    if (from == nullptr) {
      if (node.find("file") == nullptr) {
        error(node.where, "`from` is missing: the instance that emits this event, like `from: host`");
      }
      return;
    }
    const std::size_t dot = from->text.find('.');
    item.instance = from->text.substr(0, dot);
    if (dot != std::string::npos) item.port = from->text.substr(dot + 1);
    if (dot != std::string::npos && item.port.empty()) {
      error(place_in_scalar(*from, dot), "a port is missing after the dot");
    }
    if (std::find(instances_.begin(), instances_.end(), item.instance) == instances_.end()) {
      return error(from->where, "there is no instance `" + item.instance + "`" + suggestion(item.instance, instances_));
    }
    const bool leads_somewhere = std::any_of(model_.routes.begin(), model_.routes.end(), [&](const auto& named) {
      return std::any_of(named.second.from.begin(), named.second.from.end(), [&](const SourceRef& each) {
        return each.instance == item.instance && (each.port.empty() || each.port == item.port);
      });
    });
    if (!leads_somewhere) {
      report(diagnostics_, Severity::warning, from->where, what_ + ": no route begins at `" + from->text + "`");
    }
  }

  void captured(const Node& node, const json& value, TestEvents& item) {
    item.file = value["file"];
    for (const Entry& entry : node.entries) {
      if (entry.key == "at" || entry.key == "from" || entry.key == "file") continue;
      error(entry.where, "`" + entry.key + "` means nothing beside `file`, whose events are as they were captured");
    }
  }

  void repetitions(const Node& node, const json& value, TestEvents& item) {
    const Entry* const every = node.find_entry("every");
    const Entry* const until = node.find_entry("until");
    const Entry* const times = node.find_entry("times");
    if (every == nullptr) {
      for (const Entry* each : {until, times, node.find_entry("grow")}) {
        if (each != nullptr) error(each->where, "`" + each->key + "` belongs to an event with `every`");
      }
      return;
    }
    item.every_ns = value["every"];
    if ((until == nullptr) == (times == nullptr)) {
      return error(every->where, "`every` needs either `until` or `times`");
    }
    if (times != nullptr) {
      item.times = value["times"];
    } else {
      const std::int64_t length = value["until"].get<std::int64_t>() - item.at_ns;
      if (length <= 0) {
        return error(until->where, "`until` counts from the start of the test and must be after `at`, " +
                                       format_duration(item.at_ns));
      }
      item.times = static_cast<std::uint64_t>((length - 1) / item.every_ns + 1);
    }
  }

  void event(const Node& node, const json& value, TestEvents& item) {
    json event = value;
    for (const std::string& key : own_keys_of_test_events()) event.erase(key);
    item.event = event.dump();
    for (const Entry& entry : node.entries) typo(entry, event);
    if (const auto grow = value.find("grow"); grow != value.end()) {
      for (const auto& [key, by] : grow->items()) {
        const auto fields = event.find("fields");
        const bool in_fields = fields != event.end() && fields->is_object() && fields->contains(key);
        const json number = in_fields ? (*fields)[key] : event.value(key, json());
        if (!number.is_number()) {
          error(node.find("grow")->find_entry(key)->where, "`grow`: the event has no number `" + key + "`");
        }
        item.grow.emplace_back(key, by.get<double>());
      }
    }
    if (!input_.check_event) return;
    if (const auto mistake = input_.check_event(item.event)) {
      bool exact = false;
      error(node_at(node, mistake->pointer, exact).where, mistake->message);
    }
  }

  // `evrey: 5s` would be a field of the event.
  void typo(const Entry& entry, const json& event) {
    static const std::vector<std::string> known = {"at",   "from",   "every",    "until", "times",   "grow",  "file",
                                                   "kind", "source", "severity", "name",  "message", "value", "fields"};
    if (std::find(known.begin(), known.end(), entry.key) != known.end() || entry.key == "time") return;
    if (!event.contains(entry.key)) return;
    const std::string meant = nearest(entry.key, known);
    if (meant.empty()) return;
    error(entry.where, "did you mean `" + meant + "`? Write a field that is called `" + entry.key + "` as `fields: {" +
                           entry.key + ": ...}`");
  }

  // --- sinks -------------------------------------------------------------------------------------------------------

  void sinks(const Node& node, const json& checked, Test& test) {
    std::set<std::string> known;
    for (const auto& [route, model] : model_.routes) {
      for (const Destination& to : model.to) known.insert(to.instance);
    }
    for (const Entry& entry : node.entries) {
      if (!known.contains(entry.key)) {
        const std::vector<std::string> names(known.begin(), known.end());
        error(entry.where, "no route leads to `" + entry.key + "`" + suggestion(entry.key, names));
        continue;
      }
      const json& value = checked[entry.key];
      const bool list = value.is_array();
      std::int64_t before = 0;
      for (std::size_t i = 0; i < (list ? value.size() : 1); ++i) {
        const json& fault_value = list ? value[i] : value;
        const Node& fault_node = list ? entry.value.items[i] : entry.value;
        TestSinkFault fault;
        fault.instance = entry.key;
        const std::string& status = fault_value["status"].get_ref<const std::string&>();
        fault.status = status == "busy"      ? TestSinkStatus::busy
                       : status == "refused" ? TestSinkStatus::refused
                                             : TestSinkStatus::away;
        fault.from_ns = fault_value.value("from", fault.from_ns);
        fault.until_ns = fault_value.value("until", fault.until_ns);
        if (fault.until_ns <= fault.from_ns) error(fault_node.where, "`until` must be after `from`");
        if (fault.from_ns < before) error(fault_node.where, "times of one sink stand in order and do not overlap");
        before = fault.until_ns;
        test.faults.push_back(std::move(fault));
      }
    }
  }

  const std::vector<std::string> instances_;
  const LoadInput& input_;
  const Model& model_;
  Diagnostics& diagnostics_;
  PreparedSchema schema_;
  std::map<std::string, Place> names_;
  std::string what_;
};

}  // namespace

void check_tests(const Node* tests, const Node* instances, const LoadInput& input, Model& model,
                 Diagnostics& diagnostics) {
  if (tests == nullptr) return;
  std::vector<std::string> names;  // also of those that have mistakes
  if (instances != nullptr) {
    for (const Entry& entry : instances->entries) names.push_back(entry.key);
  }
  names.emplace_back(kDaemonInstance);
  TestChecker checker(std::move(names), input, model, diagnostics);
  for (const Node& node : tests->items) {
    if (std::optional<Test> test = checker.check(node)) model.tests.push_back(std::move(*test));
  }
}

}  // namespace picket::config
