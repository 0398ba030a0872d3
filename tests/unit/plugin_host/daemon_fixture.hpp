// SPDX-License-Identifier: Apache-2.0
//
// A whole daemon under the virtual clock, with scripted plugins: no files, no threads.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "platform/virtual_executor.hpp"
#include "scripted_plugin.hpp"
#include "service/daemon.hpp"

namespace picket::plugin_host {

// Keeps the lines.
class LinesSink final : public service::LogSink {
 public:
  explicit LinesSink(std::vector<std::string>& lines) : lines_(lines) {}
  void write(service::LogLevel /*level*/, std::string_view line) override { lines_.emplace_back(line); }

 private:
  std::vector<std::string>& lines_;
};

inline config::Instance scripted(const std::string& name, const std::string& extra = {}) {
  config::Instance instance;
  instance.name = name;
  instance.type = "scripted";
  instance.settings = R"({"script": ")" + name + "\"" + extra + "}";
  return instance;
}

inline config::Route plain_route(const std::string& name, const std::string& from, const std::string& to) {
  config::Route route;
  route.name = name;
  route.from.push_back({from, {}, {}});
  route.to.push_back({to, {}, {}});
  return route;
}

class DaemonTest : public ::testing::Test {
 protected:
  DaemonTest() {
    ScriptedPlugin::scripts().clear();
    EXPECT_TRUE(catalog_.add(ScriptedPlugin::type()).ok());
    model_.daemon.state_dir = ::testing::TempDir();
  }

  static Script& script(const std::string& name) { return ScriptedPlugin::scripts()[name]; }

  void add(const config::Instance& instance) { model_.instances[instance.name] = instance; }
  void add(const config::Route& route) { model_.routes[route.name] = route; }

  // A daemon with what model_ holds now, not started.
  void make_daemon() {
    daemon_ = std::make_unique<service::Daemon>(
        service::Daemon::Parts{executor_, log_, notifier_, catalog_,
                               [](std::string_view schema, std::string_view args) -> Result<void> {
                                 const bool needs_text = schema.find("required") != std::string_view::npos;
                                 if (needs_text && args.find("text") == std::string_view::npos) {
                                   return Error{"`text` is missing", PICKET_INVALID};
                                 }
                                 return {};
                               },
                               [this] { return next_; }, [this] { ++stop_requests_; }},
        model_);
  }

  // Starts a daemon with what model_ holds now.
  void start() {
    make_daemon();
    bool started = false;
    daemon_->start([&] { started = true; });
    executor_->run_ready();
    EXPECT_TRUE(started);
  }

  // Reloads with what model_ holds now. An error if there is no answer yet.
  Result<void> reload() {
    next_.model = model_;
    const auto result = std::make_shared<Result<void>>(Error{"no answer"});
    daemon_->reload([result](const Result<void>& answer) { *result = answer; });
    executor_->run_ready();
    return *result;
  }

  // Whether it has stopped already; else it may later.
  bool stop() {
    const auto stopped = std::make_shared<bool>(false);
    daemon_->stop([stopped] { *stopped = true; });
    executor_->run_ready();
    return *stopped;
  }

  void TearDown() override {
    if (daemon_) {
      for (const auto& status : daemon_->core().router.status()) EXPECT_TRUE(status.ledger.balanced());
      stop();
      executor_->run_for(60 * platform::kSecond);
      EXPECT_EQ(batches_before_, routing::live_batches()) << "a batch leaked";
      daemon_.reset();
    }
    for (const auto& [name, script] : ScriptedPlugin::scripts()) {
      EXPECT_LE(script.destroys, script.creates) << name;
      EXPECT_EQ(script.starts - script.stops, destroyed_unstarted(script)) << name;
    }
  }

  // Instances whose start failed are destroyed without a stop.
  static int destroyed_unstarted(const Script& script) { return script.destroys - script.stops; }

  const std::int64_t batches_before_ = routing::live_batches();
  std::shared_ptr<platform::VirtualExecutor> executor_ = std::make_shared<platform::VirtualExecutor>();
  std::vector<std::string> lines_;
  service::Log log_{{}, executor_->clock(), std::make_unique<LinesSink>(lines_)};
  service::Notifier notifier_{nullptr, executor_->clock(), [](const std::string&) {}};
  PluginCatalog catalog_{{}};
  config::Model model_;
  service::LoadedModel next_;
  int stop_requests_ = 0;
  std::unique_ptr<service::Daemon> daemon_;
};

}  // namespace picket::plugin_host
