// SPDX-License-Identifier: Apache-2.0
//
// What a plugin asked of other instances: open calls and subscriptions. Answers and events are given by the test's
// thread; taking a request back from another thread waits for a function that runs. Thread-safe.
#ifndef PICKET_TESTING_PEERS_HPP
#define PICKET_TESTING_PEERS_HPP

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "../detail/failure.hpp"
#include "../detail/text.hpp"
#include "../ext/commands.h"
#include "../ext/subscribe.h"
#include "records.hpp"

namespace picket::testing {

class Peers {
 public:
  // 0 over 1,024 open calls.
  picket_call open_call(OutgoingCall call, picket_reply_fn fn, void *context) {
    const std::lock_guard lock(mutex_);
    if (calls_.size() >= 1'024) return 0;
    call.id = ++last_id_;
    calls_.emplace(last_id_, Open<OutgoingCall, picket_reply_fn>{std::move(call), fn, context});
    return last_id_;
  }
  std::vector<OutgoingCall> calls() const { return listed(calls_); }
  void cancel_call(picket_call id) { close(calls_, id); }

  // Ends a call by `invoke(fn, context)`; false if it is not open.
  template <typename Invoke>
  bool answer(picket_call id, const Invoke &invoke) {
    std::unique_lock lock(mutex_);
    const auto found = calls_.find(id);
    if (found == calls_.end()) return false;
    const auto call = found->second;
    calls_.erase(found);
    run(lock, id, [&] { invoke(call.fn, call.context); });
    return true;
  }

  // 0 with `error` when the test refuses, and over 1,024 subscriptions.
  std::uint64_t subscribe(OpenSubscription wanted, picket_subscription_fn fn, void *context, picket_error *error) {
    const std::lock_guard lock(mutex_);
    if (!refusal_.empty() || subscriptions_.size() >= 1'024) {
      detail::set_error(error, refusal_.empty() ? PICKET_LIMIT : PICKET_INVALID,
                        refusal_.empty() ? "more than 1,024 subscriptions" : refusal_);
      return 0;
    }
    wanted.id = ++last_id_;
    subscriptions_.emplace(last_id_, Open<OpenSubscription, picket_subscription_fn>{std::move(wanted), fn, context});
    return last_id_;
  }
  std::vector<OpenSubscription> subscriptions() const { return listed(subscriptions_); }
  void unsubscribe(std::uint64_t id) { close(subscriptions_, id); }
  void refuse_subscriptions(std::string message) {
    const std::lock_guard lock(mutex_);
    refusal_ = std::move(message);
  }

  // Runs a subscription's function by `invoke(fn, context)`; false if there is none.
  template <typename Invoke>
  bool publish(std::uint64_t id, const Invoke &invoke) {
    std::unique_lock lock(mutex_);
    const auto found = subscriptions_.find(id);
    if (found == subscriptions_.end()) return false;
    const auto subscription = found->second;
    run(lock, id, [&] { invoke(subscription.fn, subscription.context); });
    return true;
  }

 private:
  template <typename What, typename Function>
  struct Open {
    What what;
    Function fn;
    void *context;
  };
  template <typename What, typename Function>
  using Table = std::map<std::uint64_t, Open<What, Function>>;

  template <typename What, typename Function>
  std::vector<What> listed(const Table<What, Function> &table) const {
    const std::lock_guard lock(mutex_);
    std::vector<What> all;
    for (const auto &[id, open] : table) all.push_back(open.what);
    return all;
  }

  template <typename What, typename Function>
  void close(Table<What, Function> &table, std::uint64_t id) {
    std::unique_lock lock(mutex_);
    table.erase(id);
    if (runner_ == std::this_thread::get_id()) return;
    finished_.wait(lock, [&] { return running_ != id; });
  }

  template <typename Call>
  void run(std::unique_lock<std::mutex> &lock, std::uint64_t id, const Call &call) {
    running_ = id;
    runner_ = std::this_thread::get_id();
    lock.unlock();
    call();
    lock.lock();
    running_ = 0;
    runner_ = std::thread::id();
    finished_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable finished_;
  Table<OutgoingCall, picket_reply_fn> calls_;
  Table<OpenSubscription, picket_subscription_fn> subscriptions_;
  std::string refusal_;
  std::uint64_t last_id_ = 0;
  std::uint64_t running_ = 0;
  std::thread::id runner_;
};

}  // namespace picket::testing

#endif
