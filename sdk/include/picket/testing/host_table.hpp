// SPDX-License-Identifier: Apache-2.0
//
// The host side of the fake: picket_host and the host's extensions, and what they remember. FakeHost (testing.hpp)
// derives from it privately and adds the plugin's side. The functions in the tables are thread-safe.
#ifndef PICKET_TESTING_HOST_TABLE_HPP
#define PICKET_TESTING_HOST_TABLE_HPP

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "../abi_copy.hpp"
#include "../picket.h"
#include "batches.hpp"
#include "clock.hpp"
#include "conversations.hpp"
#include "peers.hpp"
#include "processes.hpp"
#include "records.hpp"
#include "settings.hpp"
#include "state_dir.hpp"

namespace picket::testing {

class HostTable {
 public:
  HostTable(const HostTable &) = delete;
  HostTable &operator=(const HostTable &) = delete;

  std::vector<Emitted> emitted() const {
    const std::lock_guard lock(mutex_);
    return emitted_;
  }
  std::vector<Event> events() const {
    std::vector<Event> all;
    for (Emitted &batch : emitted()) {
      for (Event &event : batch.events) all.push_back(std::move(event));
    }
    return all;
  }
  std::vector<Event> take_events() {
    std::vector<Event> all = events();
    const std::lock_guard lock(mutex_);
    emitted_.clear();
    return all;
  }
  int live_batches() const { return batches_.live(); }

  void busy_for(int emits) {
    const std::lock_guard lock(mutex_);
    busy_emits_ = emits;
  }
  void busy_until_ready() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }
  std::vector<std::uint64_t> tokens() const {
    const std::lock_guard lock(mutex_);
    return tokens_;
  }
  std::optional<Done> done(std::uint64_t ticket) const {
    const std::lock_guard lock(mutex_);
    const auto found = done_.find(ticket);
    return found == done_.end() ? std::nullopt : std::optional(found->second);
  }
  std::size_t pending() const {
    const std::lock_guard lock(mutex_);
    return deliveries_.size();
  }

  std::vector<OutgoingCall> calls() const { return peers_.calls(); }
  bool answer_call(picket_call id, picket_status status, const std::string &json) {
    return peers_.answer(
        id, [&](picket_reply_fn fn, void *context) { control([&] { fn(context, status, to_str(json)); }); });
  }
  std::vector<OpenSubscription> subscriptions() const { return peers_.subscriptions(); }
  void refuse_subscriptions(std::string message) { peers_.refuse_subscriptions(std::move(message)); }
  bool publish(std::uint64_t id, const std::vector<Event> &events, std::uint64_t lost = 0) {
    picket_batch *batch = batches_.write(stamped(events));
    const bool known = peers_.publish(id, [&](picket_subscription_fn fn, void *context) {
      in_deliver([&] { fn(context, batch, nullptr, batch->event_count, lost); });
    });
    batches_.release(batch);
    return known;
  }

  std::optional<std::int64_t> counter(const std::string &name) const {
    const std::lock_guard lock(mutex_);
    const auto found = counter_ids_.find(name);
    return found == counter_ids_.end() ? std::nullopt : std::optional(counters_[found->second - 1]);
  }
  std::optional<DescribedMetric> described(const std::string &name) const {
    const std::lock_guard lock(mutex_);
    const auto found = metrics_.find(name);
    return found == metrics_.end() ? std::nullopt : std::optional(found->second);
  }
  std::vector<LogLine> log_lines() const {
    const std::lock_guard lock(mutex_);
    return log_;
  }
  bool logged(std::uint32_t level, std::string_view part) const {
    const std::lock_guard lock(mutex_);
    for (const LogLine &line : log_) {
      if (line.level == level && line.message.find(part) != std::string::npos) return true;
    }
    return false;
  }
  std::vector<OsLogRecord> os_log_records() const {
    const std::lock_guard lock(mutex_);
    return os_log_;
  }
  // What the plugin did that its contract forbids, each thing once: emitting after stop, answering twice, and so on.
  // The host itself carries on as a daemon would.
  std::vector<std::string> misuses() const {
    const std::lock_guard lock(misuse_mutex_);
    return misuses_;
  }
  void set_log_level(std::uint32_t level) { log_level_ = level; }
  const Names &names() const { return names_; }
  // The programs that the plugin starts, none of them real.
  FakeProcesses &processes() { return processes_; }

 protected:
  explicit HostTable(Options options);
  ~HostTable() { drop_deliveries(); }

  // What the plugin is given. Only `options_.host_size` bytes of it are there: an allocation of exactly that size, so
  // that a memory checker sees a plugin that reads on.
  const picket_host *host() const { return reinterpret_cast<const picket_host *>(table_bytes_.get()); }

  // Run `call` as a [control] or [deliver] call of the instance, as picket.thread-check/1 sees it.
  template <typename Call>
  std::invoke_result_t<const Call &> control(const Call &call) {
    const Inside inside(control_thread_);
    return call();
  }
  template <typename Call>
  std::invoke_result_t<const Call &> in_deliver(const Call &call) {
    const Inside inside(deliver_thread_);
    return call();
  }

  enum class Phase { made, created, running, stopped, destroyed };
  void set_phase(Phase phase) { phase_ = phase; }
  void misuse(std::string what) {
    const std::lock_guard lock(misuse_mutex_);
    const bool known = std::find(misuses_.begin(), misuses_.end(), what) != misuses_.end();
    if (!known && misuses_.size() < 100) misuses_.push_back(std::move(what));
  }

  bool running() const {
    const std::lock_guard lock(mutex_);
    return running_;
  }
  void set_running(bool running) {
    const std::lock_guard lock(mutex_);
    running_ = running;
  }
  std::set<picket_name> take_busy_ports() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    busy_emits_ = 0;
    return std::exchange(busy_ports_, {});
  }
  bool take_token(std::uint64_t token) {
    const std::lock_guard lock(mutex_);
    return std::erase(tokens_, token) != 0;
  }
  const picket_delivery *make_delivery(const std::vector<Event> &events,
                                       std::optional<std::vector<std::uint32_t>> selection, bool again);
  void consumed(std::uint64_t ticket, picket_status status);
  void drop_deliveries();

  picket_call new_call() {
    const std::lock_guard lock(mutex_);
    open_calls_.insert(++last_call_);
    return last_call_;
  }
  // Nobody waits for it: one late answer is no mistake.
  void forget_call(picket_call call) {
    const std::lock_guard lock(mutex_);
    if (open_calls_.erase(call) != 0) abandoned_calls_.insert(call);
  }
  void record_answer(picket_call call, Answer answer) {
    const std::lock_guard lock(mutex_);
    open_calls_.erase(call);
    answers_.emplace(call, std::move(answer));  // the first one counts
    changed_.notify_all();
  }
  std::optional<Answer> answer_of(picket_call call) const {
    const std::lock_guard lock(mutex_);
    const auto found = answers_.find(call);
    return found == answers_.end() ? std::nullopt : std::optional(found->second);
  }
  void wait_for_change(std::chrono::milliseconds at_most) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, at_most);
  }

  Conversations &conversations() { return conversations_; }
  const Conversations &conversations() const { return conversations_; }

  const Options options_;
  Clock clock_;
  StateDir state_;

 private:
  struct Delivery {
    picket_delivery delivery{};
    std::vector<std::uint32_t> selection;
  };
  // The thread that is inside a call, for picket.thread-check/1.
  class Inside {
   public:
    explicit Inside(std::atomic<std::thread::id> &slot)
        : slot_(slot), before_(slot.exchange(std::this_thread::get_id())) {}
    ~Inside() { slot_ = before_; }
    Inside(const Inside &) = delete;
    Inside &operator=(const Inside &) = delete;

   private:
    std::atomic<std::thread::id> &slot_;
    std::thread::id before_;
  };

  static HostTable &of(void *self) {
    HostTable &host = *static_cast<HostTable *>(self);
    if (host.phase_ == Phase::destroyed) host.misuse("a function of the host was called after destroy() had returned");
    return host;
  }
  void reply(picket_call call, picket_status status, std::string json);
  picket_timer schedule(const picket_timer_spec &spec, picket_timer_fn fn, void *context);
  void count(std::uint32_t counter, std::int64_t value, bool set);
  picket_status take(picket_name port, picket_batch *batch, std::uint64_t token);
  void finish(std::uint64_t ticket, picket_status status, const std::uint32_t *refused, std::uint32_t count);
  picket_name describe(const picket_metric &metric);
  picket_status find_metric(picket_name name, picket_metric *metric);
  std::uint32_t add_counter(const picket_metric &metric);
  picket_status write_os_log(const picket_os_log_record &record);
  std::vector<Event> stamped(std::vector<Event> events);
  const void *find_extension(std::string_view id) const;
  void fill_host();
  void fill_extensions();
  void fill_process_table();

  Names names_;
  Batches batches_{names_};
  Peers peers_;
  Conversations conversations_;
  std::unique_ptr<char[]> table_bytes_;
  picket_thread_check thread_check_{};
  picket_state state_table_{};
  picket_host_commands commands_table_{};
  picket_subscribe subscribe_table_{};
  picket_host_messages messages_table_{};
  picket_os_log os_log_table_{};
  picket_process process_table_{};
  FakeProcesses processes_{{[this](const std::function<void()> &call) { control(call); },
                            [this](std::int64_t delay_ns, std::function<void()> call) {
                              clock_.call_at(clock_.monotonic_ns() + delay_ns, std::move(call));
                            },
                            [this] { return clock_.monotonic_ns(); }, [this] { return clock_.wall_ns(); },
                            [this](std::string what) { misuse(std::move(what)); }}};

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  bool running_ = false;
  std::vector<Emitted> emitted_;
  std::uint64_t last_sequence_ = 0;
  bool held_ = false;
  int busy_emits_ = 0;
  std::set<picket_name> busy_ports_;
  std::vector<std::uint64_t> tokens_;
  std::uint64_t last_ticket_ = 0;
  std::map<std::uint64_t, std::unique_ptr<Delivery>> deliveries_;
  std::map<std::uint64_t, Done> done_;
  picket_call last_call_ = 0;
  std::set<picket_call> open_calls_;
  std::set<picket_call> abandoned_calls_;
  std::map<picket_call, Answer> answers_;
  std::map<std::string, DescribedMetric, std::less<>> metrics_;
  std::map<std::string, std::uint32_t> counter_ids_;
  std::vector<std::int64_t> counters_;
  std::vector<LogLine> log_;
  std::vector<OsLogRecord> os_log_;
  std::atomic<Phase> phase_{Phase::made};
  mutable std::mutex misuse_mutex_;
  std::vector<std::string> misuses_;  // guarded by misuse_mutex_
  std::atomic<std::uint32_t> log_level_{PICKET_LOG_TRACE};
  std::atomic<std::thread::id> control_thread_;
  std::atomic<std::thread::id> deliver_thread_;
};

}  // namespace picket::testing

#include "host_table_body.hpp"

#endif
