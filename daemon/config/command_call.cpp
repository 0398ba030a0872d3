// SPDX-License-Identifier: Apache-2.0
//
// check_command_call(): what a destination says about the command that it calls.
#include <algorithm>
#include <array>
#include <utility>

#include "config/sections.hpp"
#include "config/suggest.hpp"

namespace picket::config {
namespace {

constexpr std::array kOnlyOfCommands = {"args", "limit", "timeout", "retry_for", "parallel"};

// Looks at every text of an argument, at its place.
class CallArguments {
 public:
  CallArguments(const std::string& what, const LoadInput& input, Diagnostics& diagnostics)
      : what_(what), input_(input), diagnostics_(diagnostics) {}

  void check(const Node& node) {
    if (node.secret || node.tag == "!secret") {
      return error(node.where, "`!secret` can be used in instances only, not in the argument of a command");
    }
    if (node.kind == Node::Kind::scalar) check_text(node);
    for (const Node& item : node.items) check(item);
    for (const Entry& entry : node.entries) {
      if (is_unquoted_template(entry.value)) {
        const std::string& name = entry.value.entries.front().key;
        error(entry.value.where, "`{" + name + "}` is a mapping in YAML; quote the template: \"{" + name + "}\"");
        continue;
      }
      check(entry.value);
    }
  }

 private:
  // `program: {program}`, which YAML reads as `program: {program: null}`.
  static bool is_unquoted_template(const Node& node) {
    return node.kind == Node::Kind::mapping && node.entries.size() == 1 &&
           node.entries.front().value.kind == Node::Kind::null && node.entries.front().value.text.empty();
  }

  void check_text(const Node& node) {
    if (!input_.check_template) return;
    if (const auto problem = input_.check_template(node.text)) {
      error(place_in_scalar(node, std::min(problem->offset, node.text.size())), problem->message);
    }
  }

  void error(const Place& place, const std::string& message) {
    report(diagnostics_, Severity::error, place, what_ + ": " + message);
  }

  const std::string& what_;
  const LoadInput& input_;
  Diagnostics& diagnostics_;
};

}  // namespace

std::optional<CommandCall> check_command_call(const Node& node, const nlohmann::json& checked, const std::string& what,
                                              const LoadInput& input, Diagnostics& diagnostics) {
  if (node.kind != Node::Kind::mapping) return std::nullopt;
  const Node* const command = node.find("command");
  if (command == nullptr) {
    for (const char* key : kOnlyOfCommands) {
      const Entry* const entry = node.find_entry(key);
      if (entry == nullptr) continue;
      report(diagnostics, Severity::error, entry->where,
             what + ": `" + key + "` belongs to a destination with a `command`");
    }
    return std::nullopt;
  }
  CommandCall call;
  call.command = command->text;
  if (const Node* const instance = node.find("instance"); instance != nullptr && instance->text == kDaemonInstance) {
    const auto& known = input.daemon_commands;
    if (!known.empty() && std::find(known.begin(), known.end(), call.command) == known.end()) {
      report(diagnostics, Severity::error, command->where,
             what + ": the daemon has no command `" + call.command + "`" + suggestion(call.command, known, 24));
    }
  }
  if (const Node* const args = node.find("args")) CallArguments(what, input, diagnostics).check(*args);
  if (!checked.is_object()) return call;
  if (const auto args = checked.find("args"); args != checked.end()) call.args = args->dump();
  if (const auto limit = checked.find("limit"); limit != checked.end()) {
    call.limit_count = limit->value("count", call.limit_count);
    call.limit_per_ns = limit->value("per", call.limit_per_ns);
  }
  call.timeout_ns = checked.value("timeout", call.timeout_ns);
  call.retry_for_ns = checked.value("retry_for", call.retry_for_ns);
  call.parallel = checked.value("parallel", call.parallel);
  return call;
}

}  // namespace picket::config
