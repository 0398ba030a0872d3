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
  host.batch_retain = [](void *self, const picket_batch *batch) noexcept {
    if (!of(self).batches_.retain(batch)) of(self).misuse("batch_retain() of a batch that was released already");
  };
  host.batch_release = [](void *self, const picket_batch *batch) noexcept {
    if (!of(self).batches_.release(batch)) of(self).misuse("batch_release() of a batch that was released already");
  };
  host.emit = [](void *self, picket_name port, picket_batch *batch, uint64_t token) noexcept {
    return of(self).take(port, batch, token);
  };
  host.done = [](void *self, uint64_t ticket, picket_status status, const uint32_t *refused, uint32_t count) noexcept {
    of(self).finish(ticket, status, refused, count);
  };
  host.monotonic_ns = [](void *self) noexcept { return of(self).clock_.monotonic_ns(); };
  host.wall_ns = [](void *self) noexcept { return of(self).clock_.wall_ns(); };
  host.schedule = [](void *self, const picket_timer_spec *spec, picket_timer_fn fn, void *context) noexcept {
    return of(self).schedule(copy_table(spec), fn, context);
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
    of(self).count(counter, delta, false);
  };
  host.counter_set = [](void *self, uint32_t counter, int64_t value) noexcept { of(self).count(counter, value, true); };
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

  messages_table_.size = sizeof messages_table_;
  messages_table_.reply = [](void *self, picket_conversation id, picket_str message) noexcept {
    return of(self).conversations_.reply(id, to_view(message));
  };
  messages_table_.end = [](void *self, picket_conversation id) noexcept { of(self).conversations_.end(id); };
  messages_table_.open = [](void *self, picket_str instance, const picket_peer * /*peer*/,
                            const picket_conversation_events *events, void *context, picket_error *error) noexcept {
    return of(self).conversations_.open(to_view(instance), events, context, error);
  };
  messages_table_.send = [](void *self, picket_conversation id, picket_str message, picket_error *error) noexcept {
    return of(self).conversations_.send(id, to_view(message), error);
  };
  messages_table_.close = [](void *self, picket_conversation id) noexcept { of(self).conversations_.close(id); };

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
    of(self).reply(call, status, std::string(to_view(json)));
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

  os_log_table_.size = sizeof os_log_table_;
  os_log_table_.write = [](void *self, const picket_os_log_record *record) noexcept {
    return of(self).write_os_log(copy_table(record));
  };

  fill_process_table();
}

// The same functions as the fake's own, for the host's `self`.
inline void HostTable::fill_process_table() {
  process_table_.size = sizeof process_table_;
  process_table_.open = [](void *self, const picket_process_events *events, void *context,
                           picket_error *error) noexcept { return of(self).processes_.open(events, context, error); };
  process_table_.close = [](void *self) noexcept { of(self).processes_.close(); };
  process_table_.start = [](void *self, const picket_program_spec *spec, picket_error *error) noexcept {
    return of(self).processes_.start(copy_table(spec), error);
  };
  process_table_.signal = [](void *self, picket_program id, int32_t signal, uint32_t flags) noexcept {
    return of(self).processes_.request({"signal", id, signal, (flags & PICKET_SIGNAL_TREE) != 0});
  };
  process_table_.end = [](void *self, picket_program id, const picket_program_end *theirs) noexcept {
    const picket_program_end how = copy_table(theirs);
    return of(self).processes_.request({"end", id, how.signal, (how.flags & PICKET_SIGNAL_TREE) != 0, how.timeout_ns});
  };
  process_table_.limit = [](void *self, picket_program id, const picket_program_limits *limits) noexcept {
    return of(self).processes_.request({"limit", id, 0, false, 0, {}, read_limits(limits)});
  };
  process_table_.tune = [](void *self, picket_program id, const picket_process_tuning *tuning) noexcept {
    return of(self).processes_.request({"tune", id, 0, false, 0, {}, {}, read_tuning(tuning)});
  };
  process_table_.set_main = [](void *self, picket_program id, int64_t pid) noexcept {
    return of(self).processes_.request({"set_main", id, pid});
  };
  process_table_.set_blob = [](void *self, picket_program id, picket_str blob) noexcept {
    return of(self).processes_.request({"set_blob", id, 0, false, 0, std::string(to_view(blob))});
  };
  process_table_.acknowledge_output = [](void *self, picket_program id, uint32_t stream, uint64_t offset) noexcept {
    return of(self).processes_.acknowledge(id, stream, offset);
  };
  process_table_.rotate = [](void *self, picket_program id) noexcept {
    return of(self).processes_.request({"rotate", id});
  };
  process_table_.measure = [](void *self, const picket_program *ids, uint32_t count) noexcept {
    picket_status status = PICKET_OK;
    for (uint32_t i = 0; i < count; ++i) {
      const picket_status one = of(self).processes_.request({"measure", ids[i]});
      if (status == PICKET_OK) status = one;
    }
    return status;
  };
  process_table_.forget = [](void *self, picket_program id) noexcept { return of(self).processes_.forget(id); };
  process_table_.watch = [](void *self, int64_t pid, uint64_t start_time, picket_process_identity *identity,
                            picket_error *error) noexcept {
    return of(self).processes_.watch(pid, start_time, identity, error);
  };
}

inline const void *HostTable::find_extension(std::string_view id) const {
  if (options_.without.contains(std::string(id))) return nullptr;
  if (id == PICKET_EXT_THREAD_CHECK) return &thread_check_;
  if (id == PICKET_EXT_STATE) return &state_table_;
  if (id == PICKET_EXT_COMMANDS) return &commands_table_;
  if (id == PICKET_EXT_SUBSCRIBE) return &subscribe_table_;
  if (id == PICKET_EXT_MESSAGE_HANDLER) return &messages_table_;
  if (id == PICKET_EXT_OS_LOG) return &os_log_table_;
  if (id == PICKET_EXT_PROCESS) return &process_table_;
  return nullptr;
}

inline picket_status HostTable::take(picket_name port, picket_batch *batch, std::uint64_t token) {
  if (options_.on_emit) options_.on_emit();
  const std::lock_guard lock(mutex_);
  changed_.notify_all();
  if (!running_) {
    misuse(phase_ == Phase::stopped ? "emit() after stop() had returned" : "emit() before start()");
    return PICKET_CANCELLED;
  }
  if (const auto damage = batches_.damage(batch)) {
    misuse("emit() of a batch: " + *damage);
    return PICKET_INVALID;
  }
  if (const auto fault = Batches::fault(*batch)) {
    misuse("emit() of a malformed batch: " + *fault);
    log_.push_back({PICKET_LOG_ERROR, "emit: the batch is malformed: " + *fault, "", 0});
    return PICKET_INVALID;
  }
  if (token != 0 && std::find(tokens_.begin(), tokens_.end(), token) != tokens_.end()) {
    misuse("emit() with a token that is still open");
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
  if (status > PICKET_PENDING) misuse("consume() answered " + std::to_string(status) + ", which is no status of it");
  if (found == deliveries_.end() && status != PICKET_PENDING) {
    misuse("done() was called for a delivery that consume() did not answer with PENDING");
  }
  if (found == deliveries_.end() || status == PICKET_PENDING) return;
  batches_.release(found->second->delivery.batch);
  deliveries_.erase(found);
}

inline void HostTable::finish(std::uint64_t ticket, picket_status status, const std::uint32_t *refused,
                              std::uint32_t count) {
  const std::lock_guard lock(mutex_);
  const auto found = deliveries_.find(ticket);
  if (found == deliveries_.end()) {
    misuse(done_.contains(ticket) ? "done() was called twice for one delivery"
                                  : "done() of a delivery that is not PENDING");
    return;
  }
  if (status == PICKET_PENDING || status > PICKET_PENDING) misuse("done() with a status that is none of its own");
  for (std::uint32_t i = 0; i < count; ++i) {
    const bool ascending = i == 0 || refused[i] > refused[i - 1];
    if (!ascending || refused[i] >= found->second->delivery.count) {
      misuse("done() refuses positions that are not ascending positions of the delivery");
      count = i;
    }
  }
  batches_.release(found->second->delivery.batch);
  deliveries_.erase(found);
  done_[ticket] = {status, count == 0 ? std::vector<std::uint32_t>() : std::vector(refused, refused + count)};
  changed_.notify_all();
}

inline void HostTable::reply(picket_call call, picket_status status, std::string json) {
  if (status == PICKET_OK && !nlohmann::json::accept(json)) misuse("reply() with a result that is no JSON: " + json);
  {
    const std::lock_guard lock(mutex_);
    const bool expected = open_calls_.contains(call) || abandoned_calls_.erase(call) != 0;
    if (!expected) misuse("reply() to a call that was answered already, or never made");
  }
  record_answer(call, {status, std::move(json)});
}

inline picket_timer HostTable::schedule(const picket_timer_spec &spec, picket_timer_fn fn, void *context) {
  if (phase_ == Phase::stopped || phase_ == Phase::destroyed) {
    misuse("schedule() after stop() had returned");
    return 0;
  }
  if (fn == nullptr || spec.delay_ns < 0 || spec.period_ns < 0 || (spec.flags & ~PICKET_TIMER_ALIGNED) != 0) {
    misuse("schedule() without a function, with a negative time or with an unknown flag");
  }
  return clock_.schedule(spec, fn, context);
}

inline void HostTable::count(std::uint32_t counter, std::int64_t value, bool set) {
  const std::lock_guard lock(mutex_);
  if (counter > counters_.size()) misuse("a counter that was never registered was changed");
  if (counter != 0 && counter <= counters_.size())
    counters_[counter - 1] = set ? value : counters_[counter - 1] + value;
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

inline picket_status HostTable::write_os_log(const picket_os_log_record &record) {
  const std::string id(to_view(record.message_id));
  const bool hex = id.find_first_not_of("0123456789abcdef") == std::string::npos;
  if ((!id.empty() && (id.size() != 32 || !hex)) || record.field_count > 64 || record.message.length > 1U << 20U) {
    return PICKET_INVALID;
  }
  OsLogRecord written{id, record.event_id, record.severity, std::string(to_view(record.message)), {}};
  for (std::uint32_t i = 0; i < record.field_count; ++i) {
    written.fields[std::string(to_view(record.fields[i].key))] = to_view(record.fields[i].value);
  }
  const std::lock_guard lock(mutex_);
  os_log_.push_back(std::move(written));
  changed_.notify_all();
  return PICKET_OK;
}

}  // namespace picket::testing

#endif
