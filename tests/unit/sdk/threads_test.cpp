// SPDX-License-Identifier: Apache-2.0
//
// Thread tags are checked in debug builds, and the fake host stands plugins with threads of their own.
#include <atomic>
#include <thread>

#include "test_plugin.hpp"

namespace picket::testing {
namespace {

using namespace std::chrono_literals;

class Tagged : public Tracked<Tagged>, public Sink {
 public:
  using Tracked::Tracked;
  picket_status consume(const Delivery& /*delivery*/) override { return PICKET_OK; }
};

// A host of the test's own that calls without saying so: what a broken daemon would do.
TEST(ThreadTags, a_call_on_the_wrong_kind_of_thread_is_refused_in_debug_builds) {
  FakeHost host(type_of<Tagged>());
  ASSERT_TRUE(host.start().ok());
  const detail::ThreadCheck check(Tagged::last->host());
  if (detail::kCheckThreads) {
    EXPECT_THROW(check.control("start"), Failure);
    EXPECT_THROW(check.deliver("consume"), Failure);
  } else {
    EXPECT_NO_THROW(check.control("start"));
    EXPECT_NO_THROW(check.deliver("consume"));
  }
  EXPECT_EQ(host.deliver({{.kind = "log"}}).status, PICKET_OK) << "a right one is let through";
}

TEST(ThreadTags, a_host_without_the_check_is_trusted) {
  FakeHost host(type_of<Tagged>(), "{}", {.without = {PICKET_EXT_THREAD_CHECK}});
  ASSERT_TRUE(host.start().ok());
  EXPECT_NO_THROW(detail::ThreadCheck(Tagged::last->host()).control("start"));
}

// Emits from a thread of its own until it is stopped.
class Worker : public Tracked<Worker> {
 public:
  using Tracked::Tracked;
  void start() override {
    timer = Timer::every(host(), 1s, [this](const Tick&) { ++ticks; });
    thread = std::thread([this] {
      while (!ended) {
        Batch batch(host(), 1, 1, 0);
        batch.add(kind).set(count, ++made);
        if (batch.emit() != PICKET_OK) host().debug("not taken");
        counter.add();
        std::this_thread::yield();
      }
      timer.cancel();
    });
  }
  void stop() override {
    ended = true;
    if (thread.joinable()) thread.join();
  }

  Name kind = host().name("log"), count = host().name("count");
  Counter counter{host(), "made", "1", "events made"};
  std::atomic<bool> ended = false;
  std::atomic<int> ticks = 0;
  int made = 0;
  Timer timer;
  std::thread thread;
};

TEST(Threads, a_plugin_may_emit_from_a_thread_of_its_own) {
  FakeHost host(type_of<Worker>());
  ASSERT_TRUE(host.start().ok());
  EXPECT_TRUE(host.wait_until([&] { return host.counter("made") >= 20; }));
  host.advance(5s);
  EXPECT_EQ(Worker::last->ticks, 5);
  host.stop();
  const auto events = host.events();
  ASSERT_GE(events.size(), 20U);
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].integer("count"), static_cast<std::int64_t>(i + 1));
  }
  EXPECT_EQ(host.timers(), 0U);
  EXPECT_EQ(host.live_batches(), 0);
}

TEST(Threads, waiting_ends_at_its_deadline) {
  FakeHost host(type_of<Tagged>());
  EXPECT_FALSE(host.wait_until([] { return false; }, 1ms));
}

}  // namespace
}  // namespace picket::testing
