// SPDX-License-Identifier: Apache-2.0
#include "command_table.hpp"

#include <nlohmann/json.hpp>

namespace picket::pipe_server {

std::optional<bool> CommandTable::find(const std::string& instance, const std::string& command) const {
  const auto found = known_.find({instance, command});
  return found == known_.end() ? std::nullopt : std::optional(found->second);
}

void CommandTable::look_up(const std::string& instance, const std::string& command, Done done) {
  const bool fresh = known_since_ && loop_.now_ns() - *known_since_ < kFresh;
  if (fresh) {
    if (const auto known = find(instance, command)) return done(known);
  }
  waiting_.push_back({instance, command, std::move(done)});
  if (!asking_) ask();
}

void CommandTable::ask() {
  asking_ = true;
  try {
    call_ =
        host_.commands().call("picket", "commands", "{}", std::chrono::seconds(10),
                              [this, weak = std::weak_ptr<int>(alive_)](picket_status status, std::string_view json) {
                                loop_.post([this, weak, status, text = std::string(json)] {
                                  if (!weak.expired()) learn(status, text);
                                });
                              });
  } catch (const Failure&) {
    loop_.post([this, weak = std::weak_ptr<int>(alive_)] {
      if (!weak.expired()) learn(PICKET_LIMIT, "");
    });
  }
}

void CommandTable::learn(picket_status status, const std::string& json) {
  asking_ = false;
  call_.cancel();
  const nlohmann::json list = nlohmann::json::parse(json, nullptr, false);
  if (status == PICKET_OK && list.is_array()) {
    known_.clear();
    for (const nlohmann::json& command : list) {
      known_[{command.value("instance", ""), command.value("command", "")}] = command.value("read_only", false);
    }
    known_since_ = loop_.now_ns();
  }
  for (const Waiting& waiting : std::exchange(waiting_, {})) waiting.done(find(waiting.instance, waiting.command));
}

}  // namespace picket::pipe_server
