// SPDX-License-Identifier: Apache-2.0
//
// Trials of what a plugin emits.
#include <atomic>
#include <chrono>
#include <thread>

#include "plugin_check/subject.hpp"

namespace picket::plugin_check {
namespace {

constexpr std::uint64_t kMostEmitsInARow = 10'000;  // answered BUSY, within one call of the host
constexpr std::uint64_t kMostBusyEmits = 200'000;   // in a whole trial
constexpr int kMostHeldBatches = 1'000;
constexpr std::chrono::milliseconds kEmitStays{150};

// Gives a plugin that has input something to speak of.
void feed(Guarded& guarded) {
  const auto sink = guarded.table<picket_sink>(PICKET_EXT_SINK);
  if (sink.consume == nullptr) return;
  guarded.call("consume()", [&] { guarded.host().deliver(sample_events()); });
}

}  // namespace

void try_emit(const TrialInput& input, Report& report) {
  Subject subject(input, report);
  Guarded guarded(subject);
  guarded.create();
  guarded.start();
  for (const picket_status answer : {PICKET_OK, PICKET_DROPPED, PICKET_REFUSED}) {
    guarded.pass(20);
    feed(guarded);
    guarded.call("acknowledged()", [&] { guarded.host().acknowledge_all(answer); });
  }
  const std::size_t events = guarded.host().events().size();
  guarded.pass(5);
  guarded.stop();
  guarded.destroy();
  guarded.report_misuses();
  if (events == 0) report.note("emitted nothing in a minute of virtual time");
}

void try_stop_during_emit(const TrialInput& input, Report& report) {
  Subject subject(input, report);
  const std::thread::id control = std::this_thread::get_id();
  std::atomic<int> inside{0};
  std::atomic<bool> stopping{false};
  testing::Options options;
  options.on_emit = [&] {
    if (std::this_thread::get_id() == control) return;
    ++inside;
    // Not before stop has begun, and then for a while: whoever does not wait for it is found out.
    wait_for(input.patience_ns, [&] { return stopping.load(); });
    std::this_thread::sleep_for(kEmitStays);
    --inside;
  };
  Guarded guarded(subject, options);
  guarded.create();
  guarded.start();
  feed(guarded);
  guarded.pass(3);
  const bool caught = wait_for(input.patience_ns / 8, [&] { return inside > 0; });
  stopping = true;
  guarded.stop();
  if (inside > 0) report.fail("stop() returned while another thread was still inside of emit(); join it first");
  guarded.settle();
  guarded.destroy();
  if (!caught) report.note("emits from calls of the host only, so nothing emits while stop() runs");
}

void try_busy(const TrialInput& input, Report& report) {
  Subject subject(input, report);
  std::atomic<std::uint64_t> in_a_row{0};
  std::atomic<std::uint64_t> all{0};
  testing::Options options;
  options.on_emit = [&] {
    if (++in_a_row > kMostEmitsInARow || ++all > kMostBusyEmits) {
      report.fail_and_leave(
          "it calls emit() again and again while the answer is BUSY; keep or drop the batch and wait "
          "for on_ready()");
    }
  };
  Guarded guarded(subject, options);
  guarded.create();
  guarded.host().busy_until_ready();
  guarded.start();
  const auto wait = [&](int seconds) {
    for (int i = 0; i < seconds; ++i) {
      in_a_row = 0;
      guarded.pass(1);
      feed(guarded);
    }
    return guarded.host().live_batches();
  };
  const int early = wait(30);
  const int late = wait(60);
  if (late > kMostHeldBatches && late > early) {
    report.fail("it holds " + std::to_string(late) +
                " batches while the host is BUSY, and more with time; what cannot be "
                "emitted must have a limit");
  }
  in_a_row = 0;
  guarded.call("on_ready()", [&] { guarded.host().ready(); });
  in_a_row = 0;
  guarded.pass(5);
  guarded.host().busy_until_ready();
  in_a_row = 0;
  guarded.pass(5);
  guarded.stop();  // in the middle of being BUSY
  guarded.settle();
  guarded.destroy();
  if (guarded.host().live_batches() > 0) {
    report.fail("destroy() left batches behind that were answered BUSY; they are still the plugin's to release");
  }
}

}  // namespace picket::plugin_check
