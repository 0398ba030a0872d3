// SPDX-License-Identifier: Apache-2.0
//
// Commands, both ways: what an instance offers (Commands, Reply) and calls to others (CommandCaller, Call).
#ifndef PICKET_DETAIL_COMMANDS_HPP
#define PICKET_DETAIL_COMMANDS_HPP

#include <chrono>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "../ext/commands.h"
#include "host.hpp"
#include "thread_check.hpp"

namespace picket {

// One command that a plugin offers, in its `static constexpr picket::CommandInfo kCommands[]`.
struct CommandInfo {
  const char *name;                   // "restart"
  const char *summary;                // one line
  const char *args_schema = nullptr;  // JSON Schema draft-07 of the argument object; null: takes none
  bool read_only = false;             // changes nothing: needs no right to control
};

// The one answer to a command. Answer it now or move it away and answer later, from any thread; the first answer
// counts. Destroyed unanswered, it answers PICKET_FAILED, so a caller never waits in vain.
class Reply {
 public:
  Reply(Host host, const picket_host_commands &table, picket_call call) noexcept
      : self_(host.self()), reply_(table.reply), call_(call) {}
  Reply(Reply &&other) noexcept
      : self_(other.self_), reply_(other.reply_), call_(std::exchange(other.call_, picket_call{0})) {}
  Reply &operator=(Reply &&other) noexcept {
    if (this != &other) {
      abandon();
      self_ = other.self_;
      reply_ = other.reply_;
      call_ = std::exchange(other.call_, picket_call{0});
    }
    return *this;
  }
  ~Reply() { abandon(); }

  // `json` is the result.
  void ok(std::string_view json = "null") noexcept { answer(PICKET_OK, json); }
  // `message` says what failed and what to do; `status` is negative.
  void fail(std::string_view message, picket_status status = PICKET_FAILED) noexcept {
    answer(status < 0 ? status : PICKET_FAILED, message);
  }

  // True until it was answered or moved away.
  [[nodiscard]] bool open() const noexcept { return call_ != 0; }
  // What Commands::abandoned names.
  [[nodiscard]] picket_call call() const noexcept { return call_; }

 private:
  void abandon() noexcept { answer(PICKET_FAILED, "the command ended without an answer"); }
  void answer(picket_status status, std::string_view text) noexcept {
    const picket_call call = std::exchange(call_, picket_call{0});
    if (call != 0) reply_(self_, call, status, to_str(text));
  }

  void *self_;
  void (*reply_)(void *, picket_call, picket_status, picket_str);
  picket_call call_;
};

// Base of a plugin that offers commands. Its class also has the list, `static constexpr picket::CommandInfo
// kCommands[]`.
class Commands {
 public:
  virtual ~Commands() = default;

  // [control] Carries out the command of that name; `args_json` was checked against its schema. Answer `reply`, or
  // move it away to answer later; an exception answers it with its message.
  virtual void execute(std::string_view command, std::string_view args_json, Reply &&reply) = 0;

  // [control] Nobody waits for this call any more; a late answer is ignored.
  virtual void abandoned(picket_call call) { static_cast<void>(call); }
};

// A call to another instance that may still be answered. Destroying it cancels: the function then never runs.
class Call {
 public:
  // [control] `json` is the result when `status` is PICKET_OK, else the error's text.
  using Function = std::function<void(picket_status status, std::string_view json)>;

  Call() = default;
  Call(Call &&) noexcept = default;
  Call &operator=(Call &&other) noexcept {
    if (this != &other) {
      cancel();
      body_ = std::move(other.body_);
    }
    return *this;
  }
  ~Call() { cancel(); }

  // When it returns, the function is not running (unless it is the caller) and will not run.
  void cancel() noexcept {
    if (body_ == nullptr) return;
    if (body_->table.cancel_call != nullptr) body_->table.cancel_call(body_->host.self(), body_->id);
    body_.reset();
  }

 private:
  friend class CommandCaller;
  struct Body : std::enable_shared_from_this<Body> {
    Body(Host of, const picket_host_commands &commands, Function run)
        : host(of), table(commands), check(of), function(std::move(run)) {}
    Host host;
    picket_host_commands table;
    detail::ThreadCheck check;
    Function function;
    picket_call id = 0;
  };

  static void run(void *context, picket_status status, picket_str json) noexcept {
    const std::shared_ptr<Body> body = static_cast<Body *>(context)->shared_from_this();
    detail::guard([&](picket_status, std::string_view message) noexcept { body->host.log(PICKET_LOG_ERROR, message); },
                  [&] {
                    body->check.control("the answer to a call");
                    body->function(status, to_view(json));
                  });
  }

  std::shared_ptr<Body> body_;
};

// Commands of other instances; the daemon itself is the instance "picket". [any]
class CommandCaller {
 public:
  explicit CommandCaller(Host host) : host_(host), table_(host.require<picket_host_commands>(PICKET_EXT_COMMANDS)) {}

  // `function` runs once, at the latest after `timeout` with PICKET_TIMEOUT, unless the returned Call is destroyed
  // before. Throws Failure (LIMIT) when too many calls are open (1,024).
  [[nodiscard]] Call call(std::string_view instance, std::string_view command, std::string_view args_json,
                          std::chrono::nanoseconds timeout, Call::Function function) const {
    Call call;
    call.body_ = std::make_shared<Call::Body>(host_, table_, std::move(function));
    call.body_->id = table_.call(host_.self(), to_str(instance), to_str(command), to_str(args_json), timeout.count(),
                                 &Call::run, call.body_.get());
    if (call.body_->id == 0) {
      call.body_.reset();
      throw Failure("no call: too many are open", PICKET_LIMIT);
    }
    return call;
  }

 private:
  Host host_;
  picket_host_commands table_;
};

inline CommandCaller Host::commands() const { return CommandCaller(*this); }

}  // namespace picket

#endif
