// SPDX-License-Identifier: Apache-2.0
//
// The bodies of host_table.hpp: what each function of picket_host and of the host's extensions does in the fake.
// Included at the end of that header and by nothing else.
#ifndef PICKET_TESTING_HOST_TABLE_BODY_HPP
#define PICKET_TESTING_HOST_TABLE_BODY_HPP

#include <algorithm>
#include <cstring>

#include "host_table.hpp"

namespace picket::testing {

inline HostTable::HostTable(Options options) : options_(std::move(options)), state_(options_.instance) {
  fill_host();
  fill_extensions();
}

inline void HostTable::fill_host() {
  picket_host host{};
  host.size = options_.host_size;
  host.abi_major = options_.abi_major;
  host.abi_minor = options_.abi_minor;
  host.self = this;
  host.log_enabled = [](void *self, uint32_t level) noexcept -> uint32_t { return level >= of(self).log_level_; };
  host.log = [](void *self, uint32_t level, picket_str message, const char *file, uint32_t line) noexcept {
    const std::lock_guard lock(of(self).mutex_);
    of(self).log_.push_back({level, std::string(to_view(message)), file == nullptr ? "" : file, line});
    of(self).changed_.notify_all();
  };
  host.intern = [](void *self, picket_str text) noexcept { return of(self).names_.intern(to_view(text)); };
  host.text = [](void *self, picket_name name) noexcept { return to_str(of(self).names_.text(name)); };
  host.batch_new = [](void *self, uint32_t events, uint32_t fields, uint32_t bytes) noexcept {
    return of(self).batches_.make(events, fields, bytes);
  };
  host.batch_retain = [](void *self, const picket_batch *batch) noexcept { of(self).batches_.retain(batch); };
  host.batch_release = [](void *self, const picket_batch *batch) noexcept { of(self).batches_.release(batch); };
  host.emit = [](void *self, picket_name port, picket_batch *batch, uint64_t token) noexcept {
    return of(self).take(port, batch, token);
  };
  host.done = [](void *self, uint64_t ticket, picket_status status, const uint32_t *refused, uint32_t count) noexcept {
    of(self).finish(ticket, status, refused, count);
  };
  host.monotonic_ns = [](void *self) noexcept { return of(self).clock_.monotonic_ns(); };
  host.wall_ns = [](void *self) noexcept { return of(self).clock_.wall_ns(); };
  host.schedule = [](void *self, const picket_timer_spec *spec, picket_timer_fn fn, void *context) noexcept {
    return of(self).clock_.schedule(copy_table(spec), fn, context);
  };
  host.cancel = [](void *self, picket_timer timer) noexcept { of(self).clock_.cancel(timer); };
  host.describe_metric = [](void *self, const picket_metric *metric) noexcept {
    return of(self).describe(copy_table(metric));
  };
  host.metric = [](void *self, picket_name name, picket_metric *metric) noexcept {
    return of(self).find_metric(name, metric);
  };
  host.register_counter = [](void *self, const picket_metric *metric) noexcept {
    return of(self).add_counter(copy_table(metric));
  };
  host.counter_add = [](void *self, uint32_t counter, int64_t delta) noexcept {
    const std::lock_guard lock(of(self).mutex_);
    if (counter != 0 && counter <= of(self).counters_.size()) of(self).counters_[counter - 1] += delta;
    of(self).changed_.notify_all();
  };
  host.counter_set = [](void *self, uint32_t counter, int64_t value) noexcept {
    const std::lock_guard lock(of(self).mutex_);
    if (counter != 0 && counter <= of(self).counters_.size()) of(self).counters_[counter - 1] = value;
    of(self).changed_.notify_all();
  };
  host.extension = [](void *self, const char *id) noexcept { return of(self).find_extension(id); };

  table_bytes_ = std::make_unique<char[]>(options_.host_size);
  std::memcpy(table_bytes_.get(), &host, std::min<std::size_t>(options_.host_size, sizeof host));
}

inline void HostTable::fill_extensions() {
  thread_check_.size = sizeof thread_check_;
  thread_check_.in_control = [](void *self) noexcept -> uint32_t {
    return of(self).control_thread_.load() == std::this_thread::get_id();
  };
  thread_check_.in_deliver = [](void *self) noexcept -> uint32_t {
    return of(self).deliver_thread_.load() == std::this_thread::get_id();
  };

  state_table_.size = sizeof state_table_;
  state_table_.root = [](void *self) noexcept { return to_str(of(self).state_.root()); };
  state_table_.directory = [](void *self, picket_error *error) noexcept { return of(self).state_.directory(error); };
  state_table_.put = [](void *self, picket_str key, picket_str value, picket_error *error) noexcept {
    return of(self).state_.put(to_view(key), to_view(value), error);
  };
  state_table_.get = [](void *self, picket_str key, char *buffer, uint64_t capacity, uint64_t *length,
                        picket_error *error) noexcept {
    return of(self).state_.get(to_view(key), buffer, capacity, length, error);
  };
  state_table_.remove = [](void *self, picket_str key, picket_error *error) noexcept {
    return of(self).state_.remove(to_view(key), error);
  };

  commands_table_.size = sizeof commands_table_;
  commands_table_.reply = [](void *self, picket_call call, picket_status status, picket_str json) noexcept {
    of(self).record_answer(call, {status, std::string(to_view(json))});
  };
  commands_table_.call = [](void *self, picket_str instance, picket_str command, picket_str args, int64_t timeout_ns,
                            picket_reply_fn fn, void *context) noexcept -> picket_call {
    const std::int64_t timeout = timeout_ns <= 0 ? 30'000'000'000 : timeout_ns;
    const picket_call id = of(self).peers_.open_call(
        {0, std::string(to_view(instance)), std::string(to_view(command)), std::string(to_view(args)), timeout}, fn,
        context);
    if (id == 0) return 0;
    of(self).clock_.call_at(of(self).clock_.monotonic_ns() + timeout,
                            [self, id] { of(self).answer_call(id, PICKET_TIMEOUT, "nobody answered in time"); });
    of(self).changed_.notify_all();
    return id;
  };
  commands_table_.cancel_call = [](void *self, picket_call call) noexcept { of(self).peers_.cancel_call(call); };

  subscribe_table_.size = sizeof subscribe_table_;
  subscribe_table_.subscribe = [](void *self, const picket_subscription_spec *spec, picket_subscription_fn fn,
                                  void *context, picket_error *error) noexcept {
    const picket_subscription_spec wanted = copy_table(spec);
    return of(self).peers_.subscribe(
        {0, std::string(to_view(wanted.from)), std::string(to_view(wanted.filter)), wanted.events, wanted.bytes}, fn,
        context, error);
  };
  subscribe_table_.unsubscribe = [](void *self, uint64_t id) noexcept { of(self).peers_.unsubscribe(id); };
}

inline const void *HostTable::find_extension(std::string_view id) const {
  if (options_.without.contains(std::string(id))) return nullptr;
  if (id == PICKET_EXT_THREAD_CHECK) return &thread_check_;
  if (id == PICKET_EXT_STATE) return &state_table_;
  if (id == PICKET_EXT_COMMANDS) return &commands_table_;
  if (id == PICKET_EXT_SUBSCRIBE) return &subscribe_table_;
  return nullptr;
}

inline picket_status HostTable::take(picket_name port, picket_batch *batch, std::uint64_t token) {
  const std::lock_guard lock(mutex_);
  changed_.notify_all();
  if (!running_) return PICKET_CANCELLED;
  if (const auto fault = Batches::fault(*batch)) {
    log_.push_back({PICKET_LOG_ERROR, "emit: the batch is malformed: " + *fault, "", 0});
    return PICKET_INVALID;
  }
  if (token != 0 && std::find(tokens_.begin(), tokens_.end(), token) != tokens_.end()) {
    log_.push_back({PICKET_LOG_ERROR, "emit: token " + std::to_string(token) + " is still open", "", 0});
    return PICKET_INVALID;
  }
  if (held_ || busy_emits_ > 0) {
    if (busy_emits_ > 0) --busy_emits_;
    busy_ports_.insert(port);
    return PICKET_BUSY;
  }
  for (std::uint32_t i = 0; i < batch->event_count; ++i) {
    picket_event &event = batch->events[i];
    if (event.time_ns == 0) event.time_ns = clock_.wall_ns();
    if (event.sequence == 0) event.sequence = ++last_sequence_;
    if (event.source == 0) event.source = names_.intern(options_.instance);
  }
  emitted_.push_back({std::string(names_.text(port)), token, batches_.read(*batch)});
  if (token != 0) tokens_.push_back(token);
  batches_.release(batch);
  return PICKET_OK;
}

// Events of a test come from somewhere and have a time, as those of the daemon do.
inline std::vector<Event> HostTable::stamped(std::vector<Event> events) {
  const std::lock_guard lock(mutex_);
  for (Event &event : events) {
    if (event.time_ns == 0) event.time_ns = clock_.wall_ns();
    if (event.sequence == 0) event.sequence = ++last_sequence_;
    if (event.source.empty()) event.source = "upstream";
  }
  return events;
}

inline const picket_delivery *HostTable::make_delivery(const std::vector<Event> &events,
                                                       std::optional<std::vector<std::uint32_t>> selection,
                                                       bool again) {
  picket_batch *batch = batches_.write(stamped(events));
  const std::lock_guard lock(mutex_);
  auto delivery = std::make_unique<Delivery>();
  picket_delivery &table = delivery->delivery;
  table.size = sizeof table;
  table.flags = again ? PICKET_DELIVERY_AGAIN : 0;
  table.ticket = ++last_ticket_;
  table.batch = batch;
  table.count = batch->event_count;
  table.route = names_.intern("route");
  if (selection) {
    delivery->selection = std::move(*selection);
    delivery->selection.push_back(0);  // room, so that data() is not null for an empty selection
    table.selection = delivery->selection.data();
    table.count = static_cast<std::uint32_t>(delivery->selection.size() - 1);
  }
  const picket_delivery *made = &table;
  deliveries_.emplace(table.ticket, std::move(delivery));
  return made;
}

inline void HostTable::consumed(std::uint64_t ticket, picket_status status) {
  const std::lock_guard lock(mutex_);
  const auto found = deliveries_.find(ticket);
  if (found == deliveries_.end() || status == PICKET_PENDING) return;
  batches_.release(found->second->delivery.batch);
  deliveries_.erase(found);
}

inline void HostTable::finish(std::uint64_t ticket, picket_status status, const std::uint32_t *refused,
                              std::uint32_t count) {
  const std::lock_guard lock(mutex_);
  const auto found = deliveries_.find(ticket);
  if (found == deliveries_.end()) return;
  batches_.release(found->second->delivery.batch);
  deliveries_.erase(found);
  done_[ticket] = {status, count == 0 ? std::vector<std::uint32_t>() : std::vector(refused, refused + count)};
  changed_.notify_all();
}

inline void HostTable::drop_deliveries() {
  const std::lock_guard lock(mutex_);
  for (const auto &[ticket, delivery] : deliveries_) batches_.release(delivery->delivery.batch);
  deliveries_.clear();
}

inline picket_name HostTable::describe(const picket_metric &metric) {
  const picket_name name = names_.intern(to_view(metric.name));
  if (name == 0) return 0;
  const std::lock_guard lock(mutex_);
  metrics_.try_emplace(std::string(to_view(metric.name)),
                       DescribedMetric{metric.instrument, std::string(to_view(metric.unit)),
                                       std::string(to_view(metric.help)), metric.decimals});
  return name;
}

inline picket_status HostTable::find_metric(picket_name name, picket_metric *metric) {
  const std::lock_guard lock(mutex_);
  const auto found = metrics_.find(names_.text(name));
  if (found == metrics_.end()) return PICKET_NOT_FOUND;
  const DescribedMetric &known = found->second;
  const picket_metric answer{
      sizeof answer, known.instrument, to_str(found->first), to_str(known.unit), to_str(known.help), known.decimals, 0};
  return store_table(metric, answer) ? PICKET_OK : PICKET_INVALID;
}

inline std::uint32_t HostTable::add_counter(const picket_metric &metric) {
  const std::lock_guard lock(mutex_);
  const std::string name(to_view(metric.name));
  const auto found = counter_ids_.find(name);
  if (found != counter_ids_.end()) return found->second;
  if (counters_.size() >= 256 || name.empty()) return 0;
  counters_.push_back(0);
  const auto id = static_cast<std::uint32_t>(counters_.size());
  counter_ids_.emplace(name, id);
  return id;
}

}  // namespace picket::testing

#endif
