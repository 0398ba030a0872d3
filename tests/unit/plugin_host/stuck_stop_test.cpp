// SPDX-License-Identifier: Apache-2.0
//
// A plugin whose stop does not return: the one thing that no deadline of a queue can end. On real threads.
#include <gmock/gmock.h>

#include <chrono>
#include <future>

#include "daemon_fixture.hpp"
#include "platform/asio_executor.hpp"

namespace picket::plugin_host {
namespace {

TEST(StuckStopTest, an_instance_that_does_not_stop_is_named_and_the_daemon_may_end_anyway) {
  constexpr auto kPatience = std::chrono::seconds(60);  // only a failure takes so long
  ScriptedPlugin::scripts().clear();
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  ScriptedPlugin::scripts()["hanging"].on_stop = [released](const picket_host*) { released.wait(); };

  std::vector<std::string> lines;
  const auto executor = std::make_shared<platform::AsioExecutor>("test", 2);
  service::Log log({}, executor->clock(), std::make_unique<LinesSink>(lines));
  service::Notifier notifier(nullptr, executor->clock(), [](const std::string&) {});
  PluginCatalog catalog({});
  ASSERT_TRUE(catalog.add(ScriptedPlugin::type()).ok());
  config::Model model;
  model.daemon.state_dir = ::testing::TempDir();
  model.daemon.stop_timeout_ns = platform::kMillisecond;
  for (const char* name : {"good", "hanging"}) model.instances[name] = scripted(name);

  std::promise<void> stuck;
  std::promise<void> started;
  std::promise<void> stopped;
  service::Daemon daemon(
      {executor, log, notifier, catalog, [](std::string_view, std::string_view) { return Result<void>(); },
       [] { return service::LoadedModel{}; }, [] {}, [&stuck] { stuck.set_value(); }, platform::kMillisecond},
      model);
  daemon.start([&started] { started.set_value(); });
  ASSERT_EQ(started.get_future().wait_for(kPatience), std::future_status::ready);
  daemon.stop([&stopped] { stopped.set_value(); });
  EXPECT_EQ(stuck.get_future().wait_for(kPatience), std::future_status::ready);
  release.set_value();  // and when it returns after all, the stop ends as any other
  EXPECT_EQ(stopped.get_future().wait_for(kPatience), std::future_status::ready);
  executor->stop();
  EXPECT_THAT(lines, ::testing::Contains(
                         ::testing::AllOf(::testing::HasSubstr("hanging"), ::testing::HasSubstr("does not stop"))));
}

}  // namespace
}  // namespace picket::plugin_host
