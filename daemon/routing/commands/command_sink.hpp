// SPDX-License-Identifier: Apache-2.0
//
// What stands behind the queue of a destination that calls a command: one call for each event, in order, no more than
// `limit` allows and `parallel` at once. Made by the router for each such destination, lives as long as it.
//
// A delivery is answered when all its events are: delivered (the command answered OK), absorbed (over the limit, or a
// loop: both are counted and told) or refused (anything else, which is final: a call whose answer did not come may
// have been carried out). A call that the instance cannot take now is tried again with back-off; it is not running, it
// answered BUSY, or too many calls are open.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "config/model.hpp"
#include "routing/commands/call_limit.hpp"
#include "routing/commands/call_template.hpp"
#include "routing/commands/outcome.hpp"
#include "routing/destination.hpp"
#include "routing/names.hpp"

namespace picket::routing {

// Whether a command can be called now.
enum class CommandPresence : std::uint8_t {
  there,
  away,     // its instance does not run, or offers no commands; it may later
  unknown,  // there is no such instance, or it has no such command
};

// What all command destinations of a router share. The functions are called on any thread and outlive every
// destination.
struct CommandHost {
  using Reply = std::function<void(picket_status status, std::string text)>;

  std::shared_ptr<platform::Executor> executor;
  Names& names;
  std::function<CommandPresence(const std::string& instance, const std::string& command)> look;
  // Calls `command` of `instance` with `args` (JSON); `reply` runs once, on any thread, possibly before this returns.
  // 0: too many calls are open, and `reply` will not run.
  std::function<std::uint64_t(const std::string& instance, const std::string& command, std::string args,
                              std::int64_t timeout_ns, Reply reply)>
      call;
  std::function<void(std::uint64_t call)> cancel;  // its reply does not run, unless it does just now
  // Emits an outcome's event as the source `picket`; false: no room, and the reference stays with the caller.
  std::function<bool(picket_batch* event)> emit;
  std::function<void(const CallOutcome& outcome)> on_outcome;  // for the log
  // An event was not acted on, because this destination had caused it.
  std::function<void(const std::string& route, const std::string& destination)> on_loop;
};

class CommandSink final : public SinkPort {
 public:
  static constexpr std::int64_t kFirstBackOff = 100 * platform::kMillisecond;
  static constexpr std::int64_t kMaxBackOff = 10 * platform::kSecond;

  CommandSink(std::shared_ptr<const CommandHost> host, std::string route, const config::Destination& to,
              CallTemplate args);

  // [any] Before the first delivery.
  void set_destination(const std::weak_ptr<Destination>& destination) { destination_ = destination; }
  // [any] What begins from now on is called like this.
  void set(const config::CommandCall& call, CallTemplate args);
  // [any] The end: nothing is called any more, and answers mean nothing.
  void close();
  // [any]
  CallCounts counts() const;

  picket_status consume(const picket_delivery& delivery, std::uint64_t lost) override;

 private:
  struct Delivery {
    std::uint64_t ticket = 0;
    BatchRef batch;
    std::vector<std::uint32_t> events;  // indices into the batch
    std::size_t next = 0;               // the first that has not begun
    std::size_t open = 0;
    Outcome outcome;
    std::vector<std::uint32_t> refused;  // positions in `events`
  };
  // One event's call, through all its attempts.
  struct Attempt {
    std::list<Delivery>::iterator delivery;
    std::uint32_t position = 0;  // in its delivery
    std::string args;
    std::string chain;
    std::int64_t began_ns = 0;  // the first attempt
    std::int64_t back_off_ns = 0;
    bool unknown = false;  // the command, at the latest attempt
    std::uint64_t call = 0;
    platform::CallId retry = 0;
  };
  using AttemptRef = std::shared_ptr<Attempt>;

  // All of these on lane().
  void go_on();
  void begin(std::list<Delivery>::iterator delivery, std::uint32_t position);
  void attempt(const AttemptRef& attempt);
  void answered(const AttemptRef& attempt, picket_status status, std::string text);
  void try_again(const AttemptRef& attempt);
  void finish(std::list<Delivery>::iterator delivery);
  void over_limit(const picket_batch& batch, const picket_event& event);
  void tell_limited();
  CallOutcome outcome_for(const picket_event& event) const;
  void tell(const CallOutcome& outcome);
  std::int64_t now() const { return host_->executor->clock().monotonic_ns(); }
  void count(std::uint64_t CallCounts::*which, std::uint64_t by = 1);
  std::shared_ptr<CommandSink> self() { return std::static_pointer_cast<CommandSink>(shared_from_this()); }

  const std::shared_ptr<const CommandHost> host_;
  const std::string route_;
  const std::string instance_;
  const std::string command_;
  const std::string link_;
  std::weak_ptr<Destination> destination_;
  std::atomic<bool> closed_{false};

  mutable std::mutex mutex_;
  CallCounts counts_;  // guarded by mutex_

  // On lane() only.
  config::CommandCall call_;
  CallTemplate args_;
  CallLimit limit_;
  std::list<Delivery> deliveries_;
  std::vector<AttemptRef> attempts_;  // open, or waiting to be tried again
  bool going_on_ = false;
  bool said_busy_ = false;
  platform::CallId limit_timer_ = 0;  // `limited` was told less than `per` ago
  CallOutcome limited_;               // what is to be told next; its count is 0 when nothing is
};

}  // namespace picket::routing
