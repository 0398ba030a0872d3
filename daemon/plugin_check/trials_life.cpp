// SPDX-License-Identifier: Apache-2.0
//
// Trials of instances that come and go.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <thread>

#include "platform/own_usage.hpp"
#include "plugin_check/subject.hpp"

namespace picket::plugin_check {
namespace {

using nlohmann::json;

constexpr int kRounds = 100;
constexpr std::uint64_t kLeakPerRound = 16;  // bytes: the smallest block that an allocator gives
constexpr unsigned char kGuard = 0xA5;

// A struct of the caller with bytes behind it that are not the callee's.
template <typename T>
struct WithGuard {
  alignas(16) std::array<unsigned char, sizeof(T) + 64> bytes;

  WithGuard() {
    bytes.fill(kGuard);
    *get() = T{};
  }
  T* get() { return reinterpret_cast<T*>(bytes.data()); }
  // Whether everything from `room` on is as it was.
  bool intact_from(std::size_t room) const {
    return std::all_of(bytes.begin() + static_cast<std::ptrdiff_t>(room), bytes.end(),
                       [](unsigned char byte) { return byte == kGuard; });
  }
};

// create() with `room` bytes for its picket_plugin; destroys what it made.
void create_within(Subject& subject, std::size_t room, const std::string& where) {
  Guarded guarded(subject);
  WithGuard<picket_plugin> plugin;
  WithGuard<picket_error> error;
  std::fill(plugin.bytes.begin() + static_cast<std::ptrdiff_t>(room), plugin.bytes.end(), kGuard);
  plugin.get()->size = static_cast<std::uint32_t>(room);
  const testing::Settings settings(subject.settings());
  picket_status status = PICKET_FAILED;
  guarded.call("create() " + where, [&] {
    status = subject.type().create(guarded.host().table(), settings.c(), plugin.get(), error.get());
  });
  if (!error.intact_from(sizeof(picket_error))) {
    subject.report().fail("create() wrote behind the picket_error that it was given");
  }
  if (!plugin.intact_from(room)) {
    subject.report().fail_and_leave("create() wrote behind the size that picket_plugin had (" + std::to_string(room) +
                                    " bytes); fill in only what fits, as store_table() of picket/abi_copy.hpp does");
  }
  if (status > PICKET_OK) {
    subject.report().fail("create() answered " + std::to_string(status) + "; it must be PICKET_OK or a failure");
  }
  const picket_plugin made = copy_table(plugin.get());
  if (status != PICKET_OK || made.destroy == nullptr) return;
  guarded.call("destroy()", [&] { made.destroy(made.self); });
}

}  // namespace

void try_create(const TrialInput& input, Report& report) {
  Subject subject(input, report);
  Guarded first(subject);
  first.create();
  if (first.host().plugin().flags != 0) report.fail("picket_plugin.flags has bits that mean nothing");
  first.destroy();
  first.settle();
  create_within(subject, sizeof(picket_plugin), "with guards around its structs");
  create_within(subject, offsetof(picket_plugin, extension), "for a host that knows nothing of `extension`");
}

void try_create_again(const TrialInput& input, Report& report) {
  Subject subject(input, report);
  const auto round = [&] {
    Guarded guarded(subject);
    guarded.create();
    guarded.destroy();
    if (guarded.host().timers() > 0) report.fail("destroy() left timers behind; cancel them");
    if (guarded.host().live_batches() > 0) report.fail("destroy() left batches behind; release what is not emitted");
    if (!guarded.host().subscriptions().empty()) report.fail("destroy() left subscriptions behind; end them");
    guarded.report_misuses();
  };
  struct Usage {
    std::uint64_t heap, handles, threads;
  };
  const auto usage = [] {
    return Usage{platform::heap_bytes_in_use(), platform::open_handles(), platform::running_threads()};
  };
  for (int i = 0; i < kRounds; ++i) round();  // what is made once for all is made now
  const Usage begin = usage();
  for (int i = 0; i < kRounds / 2; ++i) round();
  const Usage middle = usage();
  for (int i = 0; i < kRounds / 2; ++i) round();
  const Usage end = usage();
  if (begin.heap == 0) report.note("memory was not measured: this program's allocator does not tell");
  const std::uint64_t least = kLeakPerRound * (kRounds / 2);
  if (begin.heap != 0 && middle.heap >= begin.heap + least && end.heap >= middle.heap + least) {
    report.fail("create() and destroy() leave " + std::to_string((end.heap - begin.heap) / kRounds) +
                " bytes behind each time; free in destroy() what create() made");
  }
  if (end.handles >= begin.handles + kRounds) {
    report.fail("create() and destroy() leave open files behind; close in destroy() what create() opened");
  }
  if (end.threads >= begin.threads + kRounds) report.fail("create() and destroy() leave threads behind");
}

void try_extensions(const TrialInput& input, Report& report) {
  Subject subject(input, report);
  Guarded guarded(subject);
  guarded.create();
  const picket_plugin plugin = guarded.host().plugin();
  if (plugin.extension == nullptr) return;
  const auto ask = [&](const std::string& id) {
    const void* table = nullptr;
    guarded.call("extension(\"" + id.substr(0, 40) + "\")", [&] { table = plugin.extension(plugin.self, id.c_str()); });
    return table;
  };
  for (const std::string& id : {std::string(), std::string("picket.no-such-thing/1"), std::string("picket.sink/999"),
                                std::string("picket.sink"), std::string("PICKET.SINK/1"), std::string(100'000, 'x')}) {
    if (ask(id) != nullptr) {
      report.fail("extension(\"" + id.substr(0, 40) + "\") returned a table; for an id that is not known it is null");
    }
  }
  for (const char* id : {PICKET_EXT_SINK, PICKET_EXT_SOURCE, PICKET_EXT_COMMANDS, PICKET_EXT_RELOAD, PICKET_EXT_HEALTH,
                         PICKET_EXT_HISTORY}) {
    const void* const table = ask(id);
    if (table != ask(id)) report.fail(std::string("extension(\"") + id + "\") returned two tables; it must be static");
    std::uint32_t size = 0;
    if (table == nullptr) continue;
    std::memcpy(&size, table, sizeof size);
    if (size < 16 || size > 4'096) {
      report.fail(std::string("the table of ") + id + " says that its size is " + std::to_string(size) +
                  " bytes; set it to the sizeof of its struct");
    }
  }
  const auto sink = guarded.table<picket_sink>(PICKET_EXT_SINK);
  if (sink.size != 0 && sink.consume == nullptr) report.fail("picket_sink has no `consume`");
  const auto reload = guarded.table<picket_reload>(PICKET_EXT_RELOAD);
  if (reload.size != 0 && reload.apply == nullptr) report.fail("picket_reload has no `apply`");
  const auto health = guarded.table<picket_health_check>(PICKET_EXT_HEALTH);
  if (health.size != 0 && health.check == nullptr) report.fail("picket_health_check has no `check`");
  const auto history = guarded.table<picket_history>(PICKET_EXT_HISTORY);
  if (history.size != 0 && (history.series == nullptr || history.points == nullptr)) {
    report.fail("picket_history lacks `series` or `points`");
  }
  guarded.destroy();
  guarded.report_misuses();
}

void try_bare_host(const TrialInput& input, Report& report) {
  Subject subject(input, report);
  testing::Options bare;
  bare.without = {PICKET_EXT_THREAD_CHECK, PICKET_EXT_STATE, PICKET_EXT_COMMANDS, PICKET_EXT_SUBSCRIBE};
  Guarded guarded(subject, bare);
  Result<void> result;
  guarded.call("create() in a host without extensions", [&] { result = guarded.host().create(); });
  if (result) guarded.call("start() in a host without extensions", [&] { result = guarded.host().start(); });
  if (!result) {
    if (result.error().message.empty()) report.fail("it refuses a host without extensions, but does not say why");
    report.note("does not run in a host without extensions: " + result.error().message);
  } else {
    guarded.pass(5);
    guarded.stop();
  }
  guarded.destroy();
  guarded.report_misuses();
}

void try_bad_settings(const TrialInput& input, Report& report) {
  Subject subject(input, report);
  // What the schema refuses never comes from a daemon, but a plugin that is built against another schema may see it.
  const auto attempt = [&](const json& settings, const std::string& what) {
    Guarded guarded(subject, settings.dump(), {});
    Result<void> result;
    guarded.call("create() with " + what, [&] { result = guarded.host().create(); });
    if (result) {
      guarded.destroy();
    } else if (result.error().status > PICKET_OK) {
      report.fail("create() with " + what + " answered " + std::to_string(result.error().status) +
                  ", which is no failure and not PICKET_OK");
    } else if (result.error().message.empty()) {
      report.fail("create() with " + what + " failed without a text; say what is wrong in picket_error.message");
    }
    guarded.report_misuses();
  };
  attempt(json::object(), "no settings at all");
  const json good = json::parse(subject.settings());
  for (const auto& [name, value] : good.items()) {
    for (const json& wrong : {json("text that is no setting"), json(-1), json(1.5), json(nullptr),
                              json::array({json()}), json{{"no_such_key", true}}, json(INT64_MAX)}) {
      if (wrong.type() == value.type()) continue;
      json settings = good;
      settings[name] = wrong;
      attempt(settings, "`" + name + "` as " + wrong.dump());
    }
  }
}

void try_start_stop(const TrialInput& input, Report& report) {
  Subject subject(input, report);
  std::thread([] {}).join();  // beside the first one, the run time of a sanitizer starts a thread of its own
  const std::uint64_t threads = platform::running_threads();
  {
    Guarded guarded(subject);
    guarded.create();
    guarded.start();
    guarded.pass(30);
    guarded.stop();
    guarded.pass(5);
    guarded.settle();
    const std::size_t timers = guarded.host().timers();
    guarded.call("stop() a second time", [&] {
      const picket_plugin& plugin = guarded.host().plugin();
      plugin.stop(plugin.self);  // idempotent
    });
    guarded.destroy();
    guarded.settle();
    if (timers > 0) report.fail("timers were still set after stop(); cancel them in it");
    if (guarded.host().live_batches() > 0) report.fail("destroy() left batches behind; release what is not emitted");
    if (!guarded.host().subscriptions().empty()) report.fail("destroy() left subscriptions behind; end them in stop()");
  }
  const bool gone = wait_for(input.patience_ns, [&] { return platform::running_threads() <= threads; });
  if (!gone) report.fail("threads of it still run after destroy(); join them in stop()");
}

void try_restart(const TrialInput& input, Report& report) {
  Subject subject(input, report);
  for (int life = 0; life < 10; ++life) {
    Guarded guarded(subject);
    guarded.create();
    guarded.start();
    guarded.pass(life % 2);
    guarded.stop();
    guarded.destroy();
    guarded.report_misuses();
  }
  testing::Options other;
  other.instance = "other";
  Guarded first(subject);
  Guarded second(subject, other);
  first.create();
  second.create();
  first.start();
  // What there is only one of, a socket say, the second one may be refused; then only the first one lives on.
  const Result<void> beside = second.try_start();
  if (!beside.ok()) report.note("a second instance with the same settings does not start: " + beside.error().message);
  first.pass(2);
  if (beside.ok()) second.pass(2);
  first.stop();
  first.destroy();
  if (beside.ok()) {
    second.pass(2);  // the end of the first is none of its business
    second.stop();
  }
  second.destroy();
  first.report_misuses();
  second.report_misuses();
}

void try_exit(const TrialInput& input, Report& report) {
  Subject subject(input, report);
  Guarded guarded(subject);
  guarded.create();
  guarded.start();
  guarded.pass(2);
  guarded.stop();
  guarded.destroy();
  guarded.report_misuses();
  report.at("the end of the process, where destructors of its globals run");
}

}  // namespace picket::plugin_check
