// SPDX-License-Identifier: Apache-2.0
//
// FakeHost: tests a plugin without a daemon, through the same C entry that a daemon uses. Time is virtual, nothing is
// delivered, answered or acknowledged unless the test says so, and everything the plugin does is remembered.
//
//   picket::testing::FakeHost host(picket_plugin_v1(), R"({"interval": 1000000000})");
//   host.start();
//   host.advance(3s);
//   EXPECT_EQ(host.events().size(), 3);
//
// Used from one thread, the test's: all [control] and [deliver] calls come from there. What the plugin calls is
// thread-safe, as in the daemon; wait_until() waits for threads of the plugin. Needs nlohmann-json.
#ifndef PICKET_TESTING_HPP
#define PICKET_TESTING_HPP

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "result.hpp"
#include "testing/host_table.hpp"

namespace picket::testing {

class FakeHost : private HostTable {
 public:
  // Does not create the instance yet. `type` is what picket_plugin_v1() returns; `settings` is a JSON object.
  explicit FakeHost(const picket_plugin_type *type, std::string settings = "{}", Options options = {})
      : HostTable(std::move(options)), type_(copy_table(type)), settings_(std::move(settings)) {}
  // Ends the instance as far as it was begun.
  ~FakeHost() { destroy(); }

  // --- life ---------------------------------------------------------------------------------------------------------

  Result<void> create() {
    const Settings settings(settings_);
    set_phase(Phase::made);
    picket_plugin plugin{};
    plugin.size = options_.plugin_size;
    picket_error error{};
    const picket_status status = control([&] { return type_.create(host(), settings.c(), &plugin, &error); });
    if (status != PICKET_OK) return failure(status, error);
    plugin_ = copy_table(&plugin);
    created_ = true;
    set_phase(Phase::created);
    source_ = offered<picket_source>(PICKET_EXT_SOURCE);
    sink_ = offered<picket_sink>(PICKET_EXT_SINK);
    commands_ = offered<picket_commands>(PICKET_EXT_COMMANDS);
    return {};
  }

  // Creates the instance if that was not done.
  Result<void> start() {
    if (!created_) {
      if (auto made = create(); !made) return made;
    }
    picket_error error{};
    set_phase(Phase::running);
    set_running(true);
    const picket_status status = control([&] { return plugin_.start(plugin_.self, &error); });
    if (status == PICKET_OK) return {};
    set_running(false);
    set_phase(Phase::created);
    return failure(status, error);
  }

  // From now on emit answers CANCELLED.
  void stop() {
    if (!created_) return;
    control([&] { plugin_.stop(plugin_.self); });
    processes().close();
    set_running(false);
    set_phase(Phase::stopped);
  }

  void destroy() {
    if (!created_) return;
    if (running()) stop();
    control([&] { plugin_.destroy(plugin_.self); });
    set_phase(Phase::destroyed);
    created_ = false;
    drop_deliveries();
  }

  // Whether the plugin has the extension `id`.
  [[nodiscard]] bool offers(const char *id) const {
    return plugin_.extension != nullptr && plugin_.extension(plugin_.self, id) != nullptr;
  }

  // The instance's C table, to call it in ways that a right host would not. REQUIRES: create() succeeded.
  [[nodiscard]] const picket_plugin &plugin() const { return plugin_; }

  // The host's own table, to call the type's functions in ways a right host would not.
  [[nodiscard]] const picket_host *table() const { return host(); }

  // --- time ---------------------------------------------------------------------------------------------------------

  // Lets time pass; each timer runs at its time.
  void advance(std::chrono::nanoseconds duration) {
    clock_.advance(duration.count(), [&](picket_timer_fn fn, void *context, const picket_tick &tick) {
      control([&] { fn(context, &tick); });
    });
  }
  // Lets time pass without running a timer: the next advance() runs them late, once, with `missed`.
  void stall(std::chrono::nanoseconds duration) { clock_.stall(duration.count()); }
  void step_wall(std::chrono::nanoseconds delta) { clock_.step_wall(delta.count()); }
  [[nodiscard]] std::int64_t wall_ns() const { return clock_.wall_ns(); }
  [[nodiscard]] std::int64_t monotonic_ns() const { return clock_.monotonic_ns(); }
  [[nodiscard]] std::size_t timers() const { return clock_.timers(); }

  // Waits in real time until `condition` holds, looking again whenever the plugin does something; false when it does
  // not within `deadline`. For plugins with threads of their own.
  template <typename Condition>
  bool wait_until(const Condition &condition, std::chrono::milliseconds deadline = std::chrono::seconds(10)) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!condition()) {
      if (std::chrono::steady_clock::now() >= end) return false;
      wait_for_change(std::chrono::milliseconds(5));
    }
    return true;
  }

  // --- what the plugin emitted --------------------------------------------------------------------------------------

  using HostTable::emitted;       // by emit, oldest first
  using HostTable::events;        // all of them in one list
  using HostTable::live_batches;  // that somebody still holds; 0 when the plugin lost none
  using HostTable::take_events;   // the same, and forgets them

  // The next `emits` of the plugin answer BUSY.
  using HostTable::busy_for;
  // Every emit answers BUSY until ready().
  using HostTable::busy_until_ready;
  // There is room again: emits are taken, and each port that heard BUSY hears on_ready.
  void ready() {
    for (const picket_name port : take_busy_ports()) {
      if (source_.on_ready != nullptr) control([&] { source_.on_ready(plugin_.self, port); });
    }
  }

  // Tokens that wait for an answer, oldest first.
  using HostTable::tokens;
  // Answers one; false if nobody waits for it.
  bool acknowledge(std::uint64_t token, picket_status status = PICKET_OK) {
    if (!take_token(token)) return false;
    if (source_.acknowledged != nullptr) control([&] { source_.acknowledged(plugin_.self, token, status); });
    return true;
  }
  void acknowledge_all(picket_status status = PICKET_OK) {
    for (const std::uint64_t token : tokens()) acknowledge(token, status);
  }

  // --- delivering to the plugin as a sink ---------------------------------------------------------------------------

  // Offers events (those at the positions of `selection`, if given) as one batch. `again`: as a repeated offer.
  Delivered deliver(const std::vector<Event> &events, std::optional<std::vector<std::uint32_t>> selection = {},
                    bool again = false) {
    const picket_delivery *delivery = make_delivery(events, std::move(selection), again);
    const std::uint64_t ticket = delivery->ticket;
    const picket_status status = sink_.consume == nullptr
                                     ? PICKET_UNSUPPORTED
                                     : in_deliver([&] { return sink_.consume(plugin_.self, delivery); });
    consumed(ticket, status);
    return {status, ticket};
  }
  void idle() {
    if (sink_.idle != nullptr) in_deliver([&] { sink_.idle(plugin_.self); });
  }
  void flush() {
    if (sink_.flush != nullptr) in_deliver([&] { sink_.flush(plugin_.self); });
  }
  // How a delivery ended that was PENDING; nothing while it still is.
  using HostTable::done;
  // Deliveries that are PENDING.
  using HostTable::pending;

  // --- commands -----------------------------------------------------------------------------------------------------

  // Asks for a command of the plugin; the answer may come later, through answer(). Throws std::runtime_error when the
  // plugin does not list it.
  picket_call begin(const std::string &command, const std::string &args_json = "{}") {
    for (std::uint32_t i = 0; i < commands_.count; ++i) {
      if (command != commands_.list[i]->name) continue;
      const picket_call call = new_call();
      picket_error error{};
      const picket_status status =
          control([&] { return commands_.execute(plugin_.self, i, to_str(args_json), call, &error); });
      if (status != PICKET_OK && answer_of(call)) misuse("execute() failed after it had replied");
      if (status != PICKET_OK) record_answer(call, {status, error.message});
      return call;
    }
    throw std::runtime_error("the plugin lists no command '" + command + "'");
  }
  [[nodiscard]] std::optional<Answer> answer(picket_call call) const { return answer_of(call); }
  // The answer, or PICKET_PENDING when it did not come at once.
  Answer execute(const std::string &command, const std::string &args_json = "{}") {
    return answer_of(begin(command, args_json)).value_or(Answer{PICKET_PENDING, ""});
  }
  // Nobody waits for that call any more.
  void abandon(picket_call call) {
    forget_call(call);
    if (commands_.abandoned != nullptr) control([&] { commands_.abandoned(plugin_.self, call); });
  }

  // Calls of the plugin to other instances that are not answered, oldest first. They time out as time passes.
  using HostTable::calls;
  // Answers one; false if it is not open.
  using HostTable::answer_call;

  // --- messages, with the plugin as the handler ---------------------------------------------------------------------

  // A client connects; 0 when the plugin turns it away or handles no messages.
  picket_conversation connect(picket_peer peer = {}) {
    const auto table = offered<picket_message_handler>(PICKET_EXT_MESSAGE_HANDLER);
    if (table.message == nullptr) return 0;
    peer.size = sizeof peer;
    const picket_conversation id = conversations().begin();
    picket_error error{};
    return table.opened == nullptr || table.opened(plugin_.self, id, &peer, &error) == PICKET_OK ? id : 0;
  }
  // It says something; a failure ends the conversation.
  picket_status say(picket_conversation id, std::string_view message) {
    const auto table = offered<picket_message_handler>(PICKET_EXT_MESSAGE_HANDLER);
    picket_error error{};
    return table.message == nullptr ? PICKET_UNSUPPORTED : table.message(plugin_.self, id, to_str(message), &error);
  }
  // What it was answered so far, oldest first.
  [[nodiscard]] std::vector<std::string> replies(picket_conversation id) const { return conversations().replies(id); }
  // It leaves. `before_reply`: the plugin is not told yet, but replies fail already.
  void leave(picket_conversation id, bool before_reply = false) {
    conversations().leave(id);
    const auto table = offered<picket_message_handler>(PICKET_EXT_MESSAGE_HANDLER);
    if (!before_reply && table.closed != nullptr) table.closed(plugin_.self, id);
  }
  // Whether the plugin has ended it.
  [[nodiscard]] bool conversation_ended(picket_conversation id) const { return conversations().ended(id); }

  // --- messages, with the plugin as the server ----------------------------------------------------------------------

  // From now on there is an instance of this name that answers messages; it returns the reply, or throws Failure.
  void handle_messages(const std::string &instance, FakeHandler handler) {
    conversations().handle(instance, std::move(handler));
  }
  // Conversations that the plugin has open with such instances.
  [[nodiscard]] std::size_t conversations_served() const { return conversations().served(); }

  // --- subscriptions, settings, health, history ---------------------------------------------------------------------

  using HostTable::subscriptions;
  // Gives events to a subscription; false if there is none of that id.
  using HostTable::publish;
  // From now on subscribe fails with this text; empty: works again.
  using HostTable::refuse_subscriptions;

  // The programs that the plugin starts, none of them real: testing/processes.hpp.
  using HostTable::processes;

  // What the plugin wrote to the operating system's event log, oldest first.
  using HostTable::os_log_records;

  // Ok: in force. An error of status UNSUPPORTED: needs a restart, or the plugin has no picket.reload/1.
  Result<void> reload(const std::string &settings) {
    const auto table = offered<picket_reload>(PICKET_EXT_RELOAD);
    if (table.apply == nullptr) return Error{"the plugin has no picket.reload/1", PICKET_UNSUPPORTED};
    const Settings changed(settings);
    picket_error error{};
    const picket_status status = control([&] { return table.apply(plugin_.self, changed.c(), &error); });
    if (status != PICKET_OK) return failure(status, error);
    settings_ = settings;
    return {};
  }

  // Good when the plugin does not say.
  HealthState health() {
    picket_health health{};
    health.size = sizeof health;
    const auto table = offered<picket_health_check>(PICKET_EXT_HEALTH);
    if (table.check != nullptr) control([&] { table.check(plugin_.self, &health); });
    return {health.state, health.message};
  }

  Result<std::vector<HistorySeries>> history_series(const std::string &name_glob = "") {
    const auto table = offered<picket_history>(PICKET_EXT_HISTORY);
    std::vector<HistorySeries> found;
    picket_error error{};
    if (table.series == nullptr) return Error{"the plugin has no picket.history/1", PICKET_UNSUPPORTED};
    const picket_status status = table.series(plugin_.self, to_str(name_glob), collect_series, &found, &error);
    if (status != PICKET_OK) return failure(status, error).error();
    return found;
  }
  Result<std::vector<picket_history_point>> history_points(std::uint64_t series, std::int64_t from_ns,
                                                           std::int64_t to_ns, std::int64_t step_ns = 0) {
    const auto table = offered<picket_history>(PICKET_EXT_HISTORY);
    std::vector<picket_history_point> found;
    picket_error error{};
    if (table.points == nullptr) return Error{"the plugin has no picket.history/1", PICKET_UNSUPPORTED};
    const picket_status status =
        table.points(plugin_.self, series, from_ns, to_ns, step_ns, collect_points, &found, &error);
    if (status != PICKET_OK) return failure(status, error).error();
    return found;
  }

  // By index into `series`.
  Result<std::vector<std::vector<picket_history_point>>> history_points_of(const std::vector<std::uint64_t> &series,
                                                                           std::int64_t from_ns, std::int64_t to_ns,
                                                                           std::int64_t step_ns = 0) {
    const auto table = offered<picket_history>(PICKET_EXT_HISTORY);
    std::vector<std::vector<picket_history_point>> found(series.size());
    picket_error error{};
    if (table.points_of == nullptr) return Error{"the plugin has no points_of", PICKET_UNSUPPORTED};
    const picket_status status = table.points_of(plugin_.self, series.data(), static_cast<std::uint32_t>(series.size()),
                                                 from_ns, to_ns, step_ns, collect_many, &found, &error);
    if (status != PICKET_OK) return failure(status, error).error();
    return found;
  }

  // --- the rest -----------------------------------------------------------------------------------------------------

  using HostTable::counter;        // the value of a counter or gauge by name; nothing if it was not registered
  using HostTable::described;      // a metric that was described, by name
  using HostTable::log_lines;      // everything that was logged, oldest first
  using HostTable::logged;         // whether a line of that level contains a text
  using HostTable::misuses;        // what the plugin did that its contract forbids
  using HostTable::names;          // the interned texts
  using HostTable::set_log_level;  // PICKET_LOG_...; the default is TRACE

  // The state directory of the daemon (not of the instance), absolute; removed with this object.
  [[nodiscard]] std::string state_root() { return state_.root(); }
  // From now on writing state fails with this text; empty: works again.
  void fail_state(std::string message) { state_.fail_with(std::move(message)); }
  // A stored value, as the plugin would read it.
  std::optional<std::string> stored(const std::string &key) {
    std::string value(1U << 20U, '\0');
    std::uint64_t length = 0;
    if (state_.get(key, value.data(), value.size(), &length, nullptr) != PICKET_OK) return std::nullopt;
    value.resize(static_cast<std::size_t>(length));
    return value;
  }

 private:
  template <typename Table>
  Table offered(const char *id) const {
    return copy_table(
        static_cast<const Table *>(plugin_.extension == nullptr ? nullptr : plugin_.extension(plugin_.self, id)));
  }
  static Result<void> failure(picket_status status, const picket_error &error) { return Error{error.message, status}; }
  static std::int32_t collect_series(void *context, const picket_history_series *series) {
    const picket_history_series s = copy_table(series);
    const auto text = [](picket_str value) { return std::string(to_view(value)); };
    static_cast<std::vector<HistorySeries> *>(context)->push_back({s.id, text(s.host), text(s.source), text(s.name),
                                                                   text(s.attributes), text(s.unit), s.instrument,
                                                                   s.decimals, s.first_ns, s.last_ns});
    return 0;
  }
  static std::int32_t collect_points(void *context, const picket_history_point *points, std::uint32_t count) {
    auto *found = static_cast<std::vector<picket_history_point> *>(context);
    found->insert(found->end(), points, points + count);
    return 0;
  }

  static std::int32_t collect_many(void *context, std::uint32_t index, const picket_history_point *points,
                                   std::uint32_t count) {
    auto &found = static_cast<std::vector<std::vector<picket_history_point>> *>(context)->at(index);
    found.insert(found.end(), points, points + count);
    return 0;
  }

  picket_plugin_type type_;
  std::string settings_;
  picket_plugin plugin_{};
  picket_source source_{};
  picket_sink sink_{};
  picket_commands commands_{};
  bool created_ = false;
};

}  // namespace picket::testing

#endif
