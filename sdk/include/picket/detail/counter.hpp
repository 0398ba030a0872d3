// SPDX-License-Identifier: Apache-2.0
//
// Counter and Gauge: numbers of an instance that the daemon publishes as `picket.instance.<name>`. [any]; adding is
// lock-free. Values of a name survive a restart of the instance.
#ifndef PICKET_DETAIL_COUNTER_HPP
#define PICKET_DETAIL_COUNTER_HPP

#include <cstdint>
#include <string>
#include <string_view>

#include "host.hpp"

namespace picket {
namespace detail {

inline std::uint32_t register_counter(Host host, const Metric &metric) {
  const picket_metric described = metric.to_c();
  const std::uint32_t id = host.c()->register_counter(host.self(), &described);
  if (id == 0) throw Failure("no counter '" + std::string(metric.name) + "': the instance has too many", PICKET_LIMIT);
  return id;
}

}  // namespace detail

// Only grows. The constructors throw Failure (LIMIT) when the instance has too many counters (256).
class Counter {
 public:
  Counter(Host host, std::string_view name, std::string_view unit, std::string_view help)
      : host_(host), id_(detail::register_counter(host, {name, unit, help, Instrument::counter, 0})) {}

  void add(std::uint64_t delta = 1) noexcept {
    host_.c()->counter_add(host_.self(), id_, static_cast<std::int64_t>(delta));
  }

 private:
  Host host_;
  std::uint32_t id_;
};

// Goes either way.
class Gauge {
 public:
  Gauge(Host host, std::string_view name, std::string_view unit, std::string_view help)
      : host_(host), id_(detail::register_counter(host, {name, unit, help, Instrument::gauge, 0})) {}

  void set(std::int64_t value) noexcept { host_.c()->counter_set(host_.self(), id_, value); }
  void add(std::int64_t delta) noexcept { host_.c()->counter_add(host_.self(), id_, delta); }

 private:
  Host host_;
  std::uint32_t id_;
};

}  // namespace picket

#endif
