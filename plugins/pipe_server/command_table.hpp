// SPDX-License-Identifier: Apache-2.0
//
// What the daemon's instances offer, as far as the door must know it: whether a command changes anything. Asked from
// the daemon and remembered for a few seconds, so that a client that polls costs one call. On the loop's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <picket/plugin.hpp>
#include <string>
#include <utility>
#include <vector>

#include "loop.hpp"

namespace picket::pipe_server {

class CommandTable {
 public:
  static constexpr std::int64_t kFresh = 5'000'000'000;  // ns

  CommandTable(Host host, Loop& loop) : host_(host), loop_(loop) {}
  CommandTable(const CommandTable&) = delete;
  CommandTable& operator=(const CommandTable&) = delete;

  // Whether that command is read-only; nothing when there is no such command, or the daemon did not say. `done` runs
  // later or at once. Who goes away meanwhile must see to it that `done` does nothing.
  using Done = std::function<void(std::optional<bool> read_only)>;
  void look_up(const std::string& instance, const std::string& command, Done done);

 private:
  struct Waiting {
    std::string instance, command;
    Done done;
  };
  std::optional<bool> find(const std::string& instance, const std::string& command) const;
  void ask();
  void learn(picket_status status, const std::string& json);

  Host host_;
  Loop& loop_;
  std::map<std::pair<std::string, std::string>, bool> known_;
  std::optional<std::int64_t> known_since_;
  std::vector<Waiting> waiting_;
  Call call_;
  bool asking_ = false;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // what posted answers look at
};

}  // namespace picket::pipe_server
