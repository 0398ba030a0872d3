// SPDX-License-Identifier: Apache-2.0
//
// A whole daemon on real threads under a storm of reloads: what the virtual clock cannot show. Meant for the thread
// sanitizer as much as for its own expectations.
#include <gtest/gtest.h>

#include <chrono>
#include <future>

#include "busy_plugins.hpp"
#include "platform/asio_executor.hpp"
#include "service/daemon.hpp"

namespace picket::plugin_host {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);  // only a hang takes so long

class NoSink final : public service::LogSink {
 public:
  void write(service::LogLevel /*level*/, std::string_view /*line*/) override {}
};

picket_plugin_type busy_type(const char* id, std::uint32_t flags, decltype(picket_plugin_type::create) create) {
  return {sizeof(picket_plugin_type), PICKET_ABI_MAJOR, PICKET_ABI_MINOR, 0, 0, flags, id, "1", "", "{}", create};
}

void add(config::Model& model, const std::string& name, const std::string& type, const std::string& extra = {}) {
  config::Instance& instance = model.instances[name];
  instance.name = name;
  instance.type = type;
  instance.settings = R"({"name": ")" + name + "\"" + extra + "}";
}

void connect(config::Model& model, const std::string& name, const std::vector<std::string>& from, const std::string& to,
             std::uint64_t events, const std::string& filter = {}) {
  config::Route& route = model.routes[name];
  route.name = name;
  route.filter = filter;
  for (const std::string& source : from) route.from.push_back({source, {}, {}});
  config::QueueSettings queue;
  queue.events = events;
  route.to.push_back({to, queue, {}});
}

// Every reload brings: another name for the route to `other`, new settings or a new filter for `restless`, and now and
// then a sink that comes and goes. The emitters, `stable` and `other`, are never named by a change.
config::Model model_of_round(int round) {
  config::Model model;
  model.daemon.state_dir = ::testing::TempDir();
  model.daemon.metrics_interval_ns = 5 * platform::kMillisecond;
  for (const char* name : {"first", "second"}) add(model, name, "busy_emitter");
  add(model, "stable", "busy_sink");
  add(model, "other", "busy_sink_of_its_own");
  add(model, "restless", "busy_sink_of_its_own", ", \"round\": " + std::to_string(round / 2));
  connect(model, "stable", {"first", "second"}, "stable", 60);
  connect(model, round % 2 == 0 ? "even" : "odd", {"first"}, "other", 90);
  connect(model, "restless", {"second"}, "restless", 60, "value >= " + std::to_string(round % 3));
  connect(model, "metrics", {"picket"}, "restless", 1'000);
  if (round % 3 != 2) {
    add(model, "guest", round % 2 == 0 ? "busy_sink" : "busy_sink_of_its_own");
    connect(model, "guest", {"first", "second"}, "guest", 30);
  }
  return model;
}

template <typename Result>
void wait(std::future<Result> future, const char* what) {
  ASSERT_EQ(future.wait_for(kPatience), std::future_status::ready) << what;
}

TEST(ThreadsTest, a_storm_of_reloads_under_load_loses_nothing_and_the_stop_drains_it_all) {
  const std::int64_t batches_before = routing::live_batches();
  const picket_plugin_type emitter = busy_type("busy_emitter", 0, &BusyEmitter::create);
  const picket_plugin_type sink = busy_type("busy_sink", 0, &BusySink::create);
  const picket_plugin_type own = busy_type("busy_sink_of_its_own", PICKET_PLUGIN_BLOCKS, &BusySink::create);
  PluginCatalog catalog({});
  for (const picket_plugin_type* type : {&emitter, &sink, &own}) ASSERT_TRUE(catalog.add(type).ok());
  const auto executor = std::make_shared<platform::AsioExecutor>("test", 3);
  service::Log log({}, executor->clock(), std::make_unique<NoSink>());
  service::Notifier notifier(nullptr, executor->clock(), [](const std::string&) {});
  std::atomic<int> round{0};
  {
    service::Daemon daemon(
        {executor, log, notifier, catalog, [](std::string_view, std::string_view) { return Result<void>(); },
         [&] {
           return service::LoadedModel{model_of_round(round), {}};
         },
         [] {}},
        model_of_round(0));
    std::promise<void> started;
    daemon.start([&] { started.set_value(); });
    for (round = 1; round <= 24; ++round) {
      std::promise<bool> reloaded;
      std::promise<picket_status> asked;
      daemon.reload([&](const Result<void>& answer) { reloaded.set_value(answer.ok()); });
      daemon.core().commands.call("picket", "status", "{}", 0,
                                  [&](picket_status status, const std::string&) { asked.set_value(status); });
      wait(reloaded.get_future(), "a reload");
      wait(asked.get_future(), "a command");
    }
    wait(started.get_future(), "the start");
    // Nobody was forgotten while it waited for room.
    for (const char* name : {"first", "second"}) {
      const std::uint64_t before = tally(name).emitted;
      const auto deadline = std::chrono::steady_clock::now() + kPatience;
      while (tally(name).emitted < before + 300 && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::yield();
      }
      ASSERT_GE(tally(name).emitted, before + 300) << name << " is stuck";
    }
    std::promise<void> stopped;
    daemon.reload([](const Result<void>&) {});  // the stop meets it
    daemon.stop([&] { stopped.set_value(); });
    wait(stopped.get_future(), "the stop");
    for (const routing::DestinationStatus& status : daemon.core().router.status()) {
      EXPECT_TRUE(status.ledger.balanced()) << status.route;
      EXPECT_EQ(status.ledger.queued + status.ledger.in_flight, 0U) << status.route;
    }
    executor->stop();
  }
  EXPECT_EQ(tally("stable").handled, tally("first").emitted + tally("second").emitted);
  EXPECT_EQ(tally("other").handled, tally("first").emitted);
  EXPECT_GT(tally("stable").seen, 0U);
  EXPECT_GT(tally("first").answered, 0U);
  EXPECT_EQ(tally("first").unasked + tally("second").unasked, 0U);
  EXPECT_EQ(routing::live_batches(), batches_before);
}

}  // namespace
}  // namespace picket::plugin_host
