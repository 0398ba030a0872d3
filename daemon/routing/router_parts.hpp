// SPDX-License-Identifier: Apache-2.0
//
// What the router is made of: shared by its files, for nobody else.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "routing/router.hpp"
#include "routing/steps/pipeline.hpp"

namespace picket::routing {

// The destinations that one route offers to one source.
struct Router::Edge {
  picket_name port = 0;  // 0: every port
  std::optional<Filter> filter;
  std::vector<DestinationRef> to;
  bool answers = true;  // false: an onlooker, of whom the source hears nothing
};

struct Router::Wiring {
  std::vector<Edge> edges;
};

struct Router::Route {
  config::Route model;
  std::optional<Filter> filter;
  DestinationRef inlet;                // before the steps; null when there are none
  std::shared_ptr<Pipeline> pipeline;  // likewise
  std::vector<DestinationRef> to;

  // What sources offer to.
  std::vector<DestinationRef> offered() const { return inlet ? std::vector{inlet} : to; }
};

// A route that is gone, whose steps still hand on what they hold.
struct Router::Ending {
  std::shared_ptr<Route> route;
  std::shared_ptr<std::atomic<bool>> ended;
};

struct Router::Subscription {
  std::vector<std::string> from;
  std::optional<Filter> filter;
  DestinationRef destination;
};

// What one edge means for the batch at hand.
struct Router::Plan {
  const Edge* edge = nullptr;
  Selection selection;
  std::uint32_t selected = 0;
  std::uint32_t reserved = 0;  // destinations, from the front, that have room set aside
};

class Source {
 public:
  explicit Source(picket_name name) : name_(name) {}

 private:
  friend class Router;
  const picket_name name_;
  std::mutex mutex_;
  std::shared_ptr<const Router::Wiring> wiring_ = std::make_shared<Router::Wiring>();  // guarded by mutex_
};

}  // namespace picket::routing
