// SPDX-License-Identifier: Apache-2.0
#include "plugin_host/command_bus.hpp"

#include <algorithm>
#include <utility>

namespace picket::plugin_host {

CommandBus::CommandBus(std::shared_ptr<platform::Executor> executor, ArgsCheck check)
    : executor_(std::move(executor)), check_args_(std::move(check)) {}

void CommandBus::add(const std::string& instance, const std::shared_ptr<CommandTarget>& target) {
  const std::scoped_lock lock(mutex_);
  targets_[instance] = target;
}

void CommandBus::remove(const std::string& instance) {
  const std::scoped_lock lock(mutex_);
  targets_.erase(instance);
}

Result<std::uint32_t> CommandBus::check(const std::string& instance, const std::string& command, std::string& args_json,
                                        const std::shared_ptr<CommandTarget>& target) const {
  if (!target) return Error{"no instance is called '" + instance + "'", PICKET_NOT_FOUND};
  if (args_json.size() > kMaxArgs) return Error{"the argument is larger than 1 MiB", PICKET_LIMIT};
  const std::vector<CommandInfo> commands = target->commands();
  if (commands.empty()) {
    return Error{"'" + instance + "' offers no commands, or is not running", PICKET_NOT_FOUND};
  }
  std::string known;
  for (std::uint32_t i = 0; i < commands.size(); ++i) {
    known += (known.empty() ? "" : ", ") + commands[i].name;
    if (commands[i].name != command) continue;
    if (args_json.empty()) args_json = "{}";
    const std::string none = R"({"type": "object", "additionalProperties": false})";
    const std::string& schema = commands[i].args_schema.empty() ? none : commands[i].args_schema;
    if (const auto valid = check_args_(schema, args_json); !valid.ok()) {
      return Error{instance + " " + command + ": " + valid.error().message, PICKET_INVALID};
    }
    return i;
  }
  return Error{"'" + instance + "' has no command '" + command + "'; it has: " + known, PICKET_NOT_FOUND};
}

picket_call CommandBus::call(const std::string& instance, const std::string& command, std::string args_json,
                             std::int64_t timeout_ns, CommandReply reply) {
  std::shared_ptr<CommandTarget> target;
  {
    const std::scoped_lock lock(mutex_);
    if (open_.size() >= kMaxOpen) return 0;
    if (const auto found = targets_.find(instance); found != targets_.end()) target = found->second;
  }
  const auto index = check(instance, command, args_json, target);
  std::unique_lock lock(mutex_);
  const picket_call id = next_++;
  if (!index.ok()) {
    lock.unlock();
    reply(index.error().status, index.error().message);
    return id;
  }
  const std::int64_t due =
      executor_->clock().monotonic_ns() + (timeout_ns <= 0 ? kDefaultTimeout : std::min(timeout_ns, kMaxTimeout));
  // Calls end with the daemon, after the last of them was cancelled, so `this` outlives the call.
  const platform::CallId deadline = executor_->call_at(due, [this, id] {
    Open open;
    if (!take(id, open)) return;
    if (const auto late = open.target.lock()) late->abandoned(id);
    open.reply(PICKET_TIMEOUT, "no answer within the time limit");
  });
  open_.emplace(id, Open{std::move(reply), target, deadline});
  lock.unlock();
  target->execute(*index, std::move(args_json), id);
  return id;
}

bool CommandBus::take(picket_call call, Open& open) {
  const std::scoped_lock lock(mutex_);
  const auto found = open_.find(call);
  if (found == open_.end()) return false;
  open = std::move(found->second);
  open_.erase(found);
  return true;
}

bool CommandBus::cancel(picket_call call) {
  Open open;
  if (!take(call, open)) return false;
  executor_->cancel(open.deadline);
  if (const auto target = open.target.lock()) target->abandoned(call);
  return true;
}

void CommandBus::reply(picket_call call, picket_status status, std::string text) {
  Open open;
  if (!take(call, open)) return;
  executor_->cancel(open.deadline);
  open.reply(status, std::move(text));
}

CommandBus::Presence CommandBus::presence(const std::string& instance, const std::string& command) const {
  std::shared_ptr<CommandTarget> target;
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = targets_.find(instance); found != targets_.end()) target = found->second;
  }
  const std::vector<CommandInfo> commands = target ? target->commands() : std::vector<CommandInfo>();
  if (commands.empty()) return Presence::away;
  const bool known =
      std::any_of(commands.begin(), commands.end(), [&](const auto& each) { return each.name == command; });
  return known ? Presence::there : Presence::unknown;
}

std::map<std::string, std::vector<CommandInfo>> CommandBus::list() const {
  std::map<std::string, std::shared_ptr<CommandTarget>> targets;
  {
    const std::scoped_lock lock(mutex_);
    targets = targets_;
  }
  std::map<std::string, std::vector<CommandInfo>> result;
  for (const auto& [instance, target] : targets) {
    if (auto commands = target->commands(); !commands.empty()) result.emplace(instance, std::move(commands));
  }
  return result;
}

}  // namespace picket::plugin_host
