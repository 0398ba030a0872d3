// SPDX-License-Identifier: Apache-2.0
//
// Trials of what a plugin is given.
#include <functional>
#include <thread>

#include "plugin_check/subject.hpp"

namespace picket::plugin_check {
namespace {

constexpr int kDeliveries = 50;
constexpr int kBusyTries = 50;

bool is_sink(Guarded& guarded) {
  if (guarded.table<picket_sink>(PICKET_EXT_SINK).consume != nullptr) return true;
  guarded.report().note("takes no events (no picket.sink/1)");
  return false;
}

// Offers the same events until they are taken, with time in between.
void deliver_until_taken(Guarded& guarded, std::optional<std::vector<std::uint32_t>> selection = {}) {
  picket_status status = PICKET_BUSY;
  for (int i = 0; i < kBusyTries && status == PICKET_BUSY; ++i) {
    guarded.call("consume()", [&] { status = guarded.host().deliver(sample_events(), selection, i > 0).status; });
    if (status == PICKET_BUSY) {
      guarded.pass(1);
      wait_for(5'000'000, [] { return false; });
    }
  }
  if (status == PICKET_BUSY) {
    guarded.report().fail("consume() answers BUSY to every offer, also after a minute; nothing would ever reach it");
  }
}

// A PENDING delivery may wait for a peer; with flush and time it has to end one way or the other.
void finish_pending(Guarded& guarded, const TrialInput& input) {
  guarded.call("flush()", [&] { guarded.host().flush(); });
  guarded.pass(60);
  const bool finished = wait_for(input.patience_ns, [&] { return guarded.host().pending() == 0; });
  if (finished) return;
  guarded.report().fail(std::to_string(guarded.host().pending()) +
                        " deliveries were answered PENDING, and done() never came for them, not even after flush()");
}

void call_on_a_thread(const std::function<void()>& work) {
  std::thread(work).join();
}

}  // namespace

void try_consume(const TrialInput& input, Report& report) {
  Subject subject(input, report);
  Guarded guarded(subject);
  guarded.create();
  if (!is_sink(guarded)) return guarded.destroy();
  guarded.start();
  for (int i = 0; i < kDeliveries; ++i) {
    deliver_until_taken(guarded);
    if (i % 10 == 9) guarded.pass(1);
  }
  deliver_until_taken(guarded, std::vector<std::uint32_t>{0, 3, 9});
  deliver_until_taken(guarded, std::vector<std::uint32_t>{10});
  guarded.call("consume() of no events", [&] { guarded.host().deliver({}); });
  finish_pending(guarded, input);
  guarded.call("consume()", [&] { guarded.host().deliver(sample_events()); });
  guarded.stop();
  picket_status late = PICKET_OK;
  guarded.call("consume() after stop()", [&] { late = guarded.host().deliver(sample_events()).status; });
  if (late == PICKET_OK || late == PICKET_PENDING) {
    report.note("consume() takes events after stop(); BUSY would keep them for the next life");
  }
  guarded.settle();
  guarded.destroy();
  guarded.settle();
}

void try_flush(const TrialInput& input, Report& report) {
  Subject subject(input, report);
  Guarded guarded(subject);
  guarded.create();
  if (!is_sink(guarded)) return guarded.destroy();
  guarded.start();
  const auto both = [&] {
    guarded.call("idle()", [&] { guarded.host().idle(); });
    guarded.call("flush()", [&] { guarded.host().flush(); });
  };
  both();
  both();
  for (int i = 0; i < 3; ++i) deliver_until_taken(guarded);
  both();
  finish_pending(guarded, input);
  both();
  guarded.stop();
  both();  // the rest of a round that had begun
  guarded.destroy();
  guarded.report_misuses();
}

void try_threads(const TrialInput& input, Report& report) {
  Subject subject(input, report);
  Guarded guarded(subject);
  call_on_a_thread([&] { guarded.create(); });
  call_on_a_thread([&] { guarded.start(); });
  const bool sink = guarded.table<picket_sink>(PICKET_EXT_SINK).consume != nullptr;
  const auto deliver_once = [&] {
    guarded.call("consume() on another thread than before", [&] { guarded.host().deliver(sample_events()); });
  };
  // Alone at first, so that who minds the thread is known to crash here and not in what runs at the same time. On this
  // thread: a new one may have the identity of one that is over.
  if (sink) deliver_once();
  std::thread delivering([&] {
    for (int i = 0; sink && i < kDeliveries; ++i) {
      call_on_a_thread([&] {
        deliver_once();
        if (i % 10 == 0) guarded.call("flush() on another thread than before", [&] { guarded.host().flush(); });
      });
    }
  });
  for (int i = 0; i < 5; ++i) {
    call_on_a_thread([&] { guarded.pass(2); });
    guarded.call("health on another thread", [&] { guarded.host().health(); });
  }
  delivering.join();
  call_on_a_thread([&] { guarded.pass(5); });
  call_on_a_thread([&] { guarded.stop(); });
  guarded.settle();
  call_on_a_thread([&] { guarded.destroy(); });
  guarded.report_misuses();
}

}  // namespace picket::plugin_check
