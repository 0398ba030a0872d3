// SPDX-License-Identifier: Apache-2.0
//
// Steps on real threads: several sources, small queues that hold them, reloads meanwhile. What a sanitizer of threads
// would see, and that every event arrives.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "fakes.hpp"
#include "platform/asio_executor.hpp"

namespace picket::routing {
namespace {

constexpr int kEmitters = 2;
constexpr int kBatches = 500;

class TallySink final : public SinkPort {
 public:
  using SinkPort::SinkPort;
  picket_status consume(const picket_delivery& delivery, std::uint64_t /*lost*/) override {
    events += delivery.count;
    return PICKET_OK;
  }
  std::atomic<std::uint64_t> events{0};
};

class TallyListener final : public SourceListener {
 public:
  void on_acknowledged(std::uint64_t /*token*/, picket_status status) override {
    if (status == PICKET_OK) ++answered;
  }
  void on_ready(picket_name /*port*/) override {}
  std::atomic<int> answered{0};
};

TEST(RouterStepsThreads, every_event_arrives_and_is_answered_while_steps_change) {
  auto executor = std::make_shared<platform::AsioExecutor>("steps", 3);
  Names names;
  Router router(executor, names);
  const auto sink = std::make_shared<TallySink>(platform::Lane::make(executor));
  router.attach("out", sink);
  config::QueueSettings small;
  small.events = 16;
  const auto apply = [&](int round) {
    config::Route model = route("r", {"in"}, "", {"out"}, small);
    model.queue = small;
    model.steps = {{"sample", R"({"by":[],"one_in":1})", {}}};
    model.steps.push_back({"set", R"({"fields":{"round":)" + std::to_string(round) + "}}", {}});
    EXPECT_TRUE(router.apply(routes({model})).ok());
  };
  apply(0);
  const auto listener = std::make_shared<TallyListener>();
  std::vector<std::thread> emitters;
  for (int emitter = 0; emitter < kEmitters; ++emitter) {
    emitters.emplace_back([&, emitter] {
      for (int i = 0; i < kBatches; ++i) {
        picket_batch* const batch = make_batch(names, {i, i, i});
        const auto token = static_cast<std::uint64_t>(emitter) * kBatches + static_cast<std::uint64_t>(i) + 1;
        while (router.emit(router.source("in"), 0, batch, token, listener) != PICKET_OK) std::this_thread::yield();
      }
    });
  }
  for (int round = 1; round <= 20; ++round) {
    apply(round);
    static_cast<void>(router.status());
  }
  for (std::thread& emitter : emitters) emitter.join();
  std::promise<void> drained;
  router.when_drained("out", [&] { drained.set_value(); });
  drained.get_future().wait();
  EXPECT_EQ(sink->events, kEmitters * kBatches * 3U);
  router.close();
  executor->stop();
  EXPECT_EQ(listener->answered, kEmitters * kBatches);
  for (const DestinationStatus& status : router.status()) EXPECT_TRUE(status.ledger.balanced());
}

}  // namespace
}  // namespace picket::routing
