// SPDX-License-Identifier: Apache-2.0
//
// Two plugin types with threads of their own, for tests of a whole daemon on real threads: one emits as fast as it is
// let, one takes events in every way that a sink may. What they did is counted under the text of their setting "name".
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "picket/picket.h"

namespace picket::plugin_host {

struct Tally {
  std::atomic<std::uint64_t> emitted{0};   // events that emit took
  std::atomic<std::uint64_t> handled{0};   // events that the sink said OK to
  std::atomic<std::uint64_t> answered{0};  // tokens
  std::atomic<std::uint64_t> unasked{0};   // answers to tokens that were not open: must stay 0
  std::atomic<std::uint64_t> seen{0};      // events that its subscription saw
};

inline Tally& tally(const std::string& name) {
  static std::mutex mutex;
  static std::map<std::string, Tally> all;
  const std::scoped_lock lock(mutex);
  return all[name];
}

inline std::string busy_name(const picket_config* config) {
  picket_str name{};
  config->get(config->self, picket_str_of("/name", 5), PICKET_TYPE_TEXT, nullptr, &name);
  return {name.data, name.length};
}

// Emits batches of kEvents events, each with a token; after BUSY it waits for on_ready and for nothing else.
class BusyEmitter {
 public:
  static constexpr std::uint32_t kEvents = 3;

  static picket_status create(const picket_host* host, const picket_config* config, picket_plugin* plugin,
                              picket_error* /*error*/) {
    plugin->size = sizeof *plugin;
    plugin->self = new BusyEmitter(host, tally(busy_name(config)));
    plugin->start = [](void* self, picket_error*) {
      of(self).thread_ = std::thread([self] { of(self).run(); });
      return PICKET_OK;
    };
    plugin->stop = [](void* self) { of(self).stop(); };
    plugin->destroy = [](void* self) { delete &of(self); };
    plugin->extension = [](void*, const char* id) -> const void* {
      static constexpr picket_source kSource = {sizeof(picket_source), 0, &on_ready, &acknowledged};
      return std::string(id) == PICKET_EXT_SOURCE ? &kSource : nullptr;
    };
    return PICKET_OK;
  }

 private:
  BusyEmitter(const picket_host* host, Tally& tally) : host_(host), tally_(tally) {}
  static BusyEmitter& of(void* self) { return *static_cast<BusyEmitter*>(self); }

  static void on_ready(void* self, picket_name /*port*/) {
    const std::scoped_lock lock(of(self).mutex_);
    of(self).ready_ = true;
    of(self).changed_.notify_all();
  }
  static void acknowledged(void* self, std::uint64_t token, picket_status /*status*/) {
    const std::scoped_lock lock(of(self).mutex_);
    ++(of(self).open_.erase(token) == 1 ? of(self).tally_.answered : of(self).tally_.unasked);
  }

  void run() {
    std::unique_lock lock(mutex_);
    for (std::uint64_t token = 1; !ending_; ++token) {
      open_.insert(token);
      ready_ = false;
      lock.unlock();
      const picket_status status = emit(token);
      lock.lock();
      if (status == PICKET_OK) continue;
      open_.erase(token);
      changed_.wait(lock, [this] { return ready_ || ending_; });
    }
  }

  picket_status emit(std::uint64_t token) {
    picket_batch* batch = host_->batch_new(host_->self, kEvents, kEvents, 0);
    for (std::uint32_t i = 0; i < kEvents; ++i) {
      picket_batch_event(batch, host_->intern(host_->self, picket_str_of("metric", 6)));
      picket_batch_int(batch, host_->intern(host_->self, picket_str_of("value", 5)), i);
    }
    const picket_status status = host_->emit(host_->self, 0, batch, token);
    if (status == PICKET_OK) {
      tally_.emitted += kEvents;
    } else {
      host_->batch_release(host_->self, batch);
    }
    return status;
  }

  void stop() {
    {
      const std::scoped_lock lock(mutex_);
      ending_ = true;
      changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
  }

  const picket_host* const host_;
  Tally& tally_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::uint64_t> open_;  // guarded by mutex_, as all below
  bool ready_ = false;
  bool ending_ = false;
};

// Says OK, BUSY and PENDING by turns; a thread of its own finishes what is pending, or gives it back. Subscribes to
// everything, and has a timer.
class BusySink {
 public:
  static picket_status create(const picket_host* host, const picket_config* config, picket_plugin* plugin,
                              picket_error* /*error*/) {
    plugin->size = sizeof *plugin;
    plugin->self = new BusySink(host, tally(busy_name(config)));
    plugin->start = [](void* self, picket_error*) { return of(self).start(); };
    plugin->stop = [](void* self) { of(self).stop(); };
    plugin->destroy = [](void* self) { delete &of(self); };
    plugin->extension = [](void*, const char* id) -> const void* {
      static constexpr picket_sink kSink = {sizeof(picket_sink), 0, &consume, nullptr, nullptr};
      return std::string(id) == PICKET_EXT_SINK ? &kSink : nullptr;
    };
    return PICKET_OK;
  }

 private:
  BusySink(const picket_host* host, Tally& tally) : host_(host), tally_(tally) {}
  static BusySink& of(void* self) { return *static_cast<BusySink*>(self); }

  picket_status start() {
    thread_ = std::thread([this] { finish_pending(); });
    const auto* subscribe = static_cast<const picket_subscribe*>(host_->extension(host_->self, PICKET_EXT_SUBSCRIBE));
    picket_subscription_spec spec{};
    spec.size = sizeof spec;
    spec.events = 30;
    const auto see = [](void* self, const picket_batch*, const std::uint32_t*, std::uint32_t count, std::uint64_t) {
      of(self).tally_.seen += count;
    };
    subscribe->subscribe(host_->self, &spec, see, this, nullptr);
    picket_timer_spec timer{};
    timer.size = sizeof timer;
    timer.delay_ns = timer.period_ns = 1'000'000;
    const auto tick = [](void* self, const picket_tick*) { ++of(self).ticks_; };
    return host_->schedule(host_->self, &timer, tick, this) != 0 ? PICKET_OK : PICKET_FAILED;
  }

  static picket_status consume(void* self, const picket_delivery* delivery) {
    BusySink& sink = of(self);
    const std::scoped_lock lock(sink.mutex_);
    const unsigned turn = ++sink.turn_;
    if (sink.ending_ || turn % 61 == 0) return PICKET_BUSY;
    if (turn % 3 == 0) {
      sink.tally_.handled += delivery->count;
      return PICKET_OK;
    }
    sink.pending_.emplace_back(delivery->ticket, delivery->count);
    sink.changed_.notify_all();
    return PICKET_PENDING;
  }

  void finish_pending() {
    std::unique_lock lock(mutex_);
    for (unsigned turn = 1;; ++turn) {
      changed_.wait(lock, [this] { return ending_ || !pending_.empty(); });
      if (pending_.empty()) return;
      const auto [ticket, count] = pending_.front();
      pending_.pop_front();
      const bool again = turn % 67 == 0;
      if (!again) tally_.handled += count;
      lock.unlock();
      host_->done(host_->self, ticket, again ? PICKET_BUSY : PICKET_OK, nullptr, 0);
      lock.lock();
    }
  }

  void stop() {
    {
      const std::scoped_lock lock(mutex_);
      ending_ = true;
      changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
  }

  const picket_host* const host_;
  Tally& tally_;
  std::thread thread_;
  std::uint64_t ticks_ = 0;  // [control] only
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::pair<std::uint64_t, std::uint32_t>> pending_;  // guarded by mutex_, as all below
  unsigned turn_ = 0;
  bool ending_ = false;
};

}  // namespace picket::plugin_host
