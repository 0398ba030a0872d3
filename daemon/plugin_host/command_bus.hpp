// SPDX-License-Identifier: Apache-2.0
//
// Commands between instances: finds the one that is named, checks the argument against the command's schema, keeps the
// deadline, and makes sure that every call gets exactly one answer. The daemon itself is the instance `picket`.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "picket/ext/commands.h"
#include "picket/result.hpp"
#include "platform/executor.hpp"

namespace picket::plugin_host {

struct CommandInfo {
  std::string name, summary;
  std::string args_schema;  // empty: takes no argument
  bool read_only = false;
};

// Something that carries out commands: an instance, or the daemon.
class CommandTarget {
 public:
  virtual ~CommandTarget() = default;
  // [any] What it offers now; empty while it does not run.
  virtual std::vector<CommandInfo> commands() const = 0;
  // [any] Carries out commands()[index] on a thread of its own choice and leads to one CommandBus::reply.
  virtual void execute(std::uint32_t index, std::string args_json, picket_call call) = 0;
  // [any] Nobody waits for `call` any more.
  virtual void abandoned(picket_call call) = 0;
};

// `text` is the result as JSON, or the error's text.
using CommandReply = std::function<void(picket_status status, std::string text)>;

// Thread-safe.
class CommandBus {
 public:
  static constexpr std::size_t kMaxOpen = 1'024;  // calls
  static constexpr std::int64_t kDefaultTimeout = 30 * platform::kSecond;
  static constexpr std::int64_t kMaxTimeout = INT64_MAX / 4;  // 73 years; a longer one is cut to it
  static constexpr std::size_t kMaxArgs = 1U << 20U;          // bytes

  // Says what is wrong with `args` by `schema`, both JSON texts.
  using ArgsCheck = std::function<Result<void>(std::string_view schema, std::string_view args)>;

  CommandBus(std::shared_ptr<platform::Executor> executor, ArgsCheck check);

  void add(const std::string& instance, const std::shared_ptr<CommandTarget>& target);
  void remove(const std::string& instance);

  // Calls `command` of `instance`. `reply` runs exactly once, on any thread, possibly inside call(); not at all when
  // cancel() returned true. Returns 0, and never calls `reply`, when too many calls are open.
  picket_call call(const std::string& instance, const std::string& command, std::string args_json,
                   std::int64_t timeout_ns, CommandReply reply);
  // True if the call was still open; its reply will not run.
  bool cancel(picket_call call);
  // The answer of a target. Late and unknown ones are ignored.
  void reply(picket_call call, picket_status status, std::string text);

  enum class Presence : std::uint8_t { there, away, unknown };  // away: not running, or without commands
  Presence presence(const std::string& instance, const std::string& command) const;

  // Everything that can be called now, by instance.
  std::map<std::string, std::vector<CommandInfo>> list() const;

 private:
  struct Open {
    CommandReply reply;
    std::weak_ptr<CommandTarget> target;
    platform::CallId deadline = 0;
  };
  bool take(picket_call call, Open& open);
  Result<std::uint32_t> check(const std::string& instance, const std::string& command, std::string& args_json,
                              const std::shared_ptr<CommandTarget>& target) const;

  const std::shared_ptr<platform::Executor> executor_;
  const ArgsCheck check_args_;
  mutable std::mutex mutex_;  // guards everything below
  std::map<std::string, std::shared_ptr<CommandTarget>> targets_;
  std::map<picket_call, Open> open_;
  picket_call next_ = 1;
};

}  // namespace picket::plugin_host
