// SPDX-License-Identifier: Apache-2.0
//
// A router with spools in a directory, which can end (well, or as if it had crashed) and begin again on what it left.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "../fakes.hpp"
#include "platform/virtual_executor.hpp"
#include "routing/router.hpp"
#include "spool_fixture.hpp"

namespace picket::routing::spool {

class SpoolLife {
 public:
  explicit SpoolLife(const std::filesystem::path& state, std::uint64_t seed = 0)
      : executor(std::make_shared<platform::VirtualExecutor>(seed)),
        host(std::make_shared<SpoolHost>(
            state, executor, names,
            [this](SpoolHost::Tone, const std::string& route, const std::string& to, const std::string& message) {
              reports.push_back(route + " -> " + to + ": " + message);
            })) {
    router = std::make_unique<Router>(executor, names);
    router->use_spools(host);
  }
  // As after kill -9: nothing is closed. What was about to run still does, since it would hold on to everything.
  ~SpoolLife() {
    router.reset();
    executor->run_ready();
  }
  SpoolLife(const SpoolLife&) = delete;
  SpoolLife& operator=(const SpoolLife&) = delete;

  void apply(const std::vector<config::Route>& list) { ASSERT_TRUE(router->apply(routes(list)).ok()); }

  std::shared_ptr<FakeSink> attach(const std::string& instance) {
    auto sink = std::make_shared<FakeSink>(platform::Lane::make(executor));
    router->attach(instance, sink);
    return sink;
  }

  picket_status emit(const std::string& instance, const std::vector<std::int64_t>& values, std::uint64_t token = 0) {
    picket_batch* const batch = make_batch(names, values);
    const picket_status status = router->emit(router->source(instance), 0, batch, token, source);
    if (status != PICKET_OK) batch_release(batch);
    return status;
  }

  DestinationStatus status(const std::string& route, const std::string& instance) const {
    for (DestinationStatus& each : router->status()) {
      if (each.route == route && each.instance == instance) return each;
    }
    ADD_FAILURE() << "no destination " << route << " -> " << instance;
    return {};
  }
  Ledger ledger(const std::string& route, const std::string& instance) const { return status(route, instance).ledger; }

  void run() { executor->run_ready(); }
  void run_for(std::int64_t ns) { executor->run_for(ns); }

  bool answered(std::uint64_t token, picket_status status) const {
    const auto found = source->answers.find(token);
    return found != source->answers.end() && found->second == std::vector<picket_status>{status};
  }

  Names names;
  std::shared_ptr<platform::VirtualExecutor> executor;
  std::vector<std::string> reports;
  std::shared_ptr<SpoolHost> host;
  std::shared_ptr<FakeSource> source = std::make_shared<FakeSource>();
  std::unique_ptr<Router> router;
};

inline config::QueueSettings durable_queue() {
  config::QueueSettings queue;
  queue.durable = true;
  return queue;
}

inline config::QueueSettings spill_queue(std::uint64_t events) {
  config::QueueSettings queue;
  queue.on_full = config::OnFull::spill;
  queue.events = events;
  return queue;
}

}  // namespace picket::routing::spool
