// SPDX-License-Identifier: Apache-2.0
//
// Fakes around the router: batches in one line, a sink that does what it is told, a source that remembers its answers.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/model.hpp"
#include "routing/router.hpp"

namespace picket::routing {

// A batch of metric events, one per value, with the fields `name` = "test" and `value`.
inline picket_batch* make_batch(Names& names, const std::vector<std::int64_t>& values) {
  const auto count = static_cast<std::uint32_t>(values.size());
  picket_batch* batch = batch_new(count, 2 * count, 0);
  for (const std::int64_t value : values) {
    picket_batch_event(batch, names.intern("metric"));
    picket_batch_name(batch, names.intern("name"), names.intern("test"));
    picket_batch_int(batch, names.intern("value"), value);
  }
  return batch;
}

// The values of the selected events of a delivery.
inline std::vector<std::int64_t> values_of(const picket_delivery& delivery) {
  std::vector<std::int64_t> result;
  for (std::uint32_t i = 0; i < delivery.count; ++i) {
    const std::uint32_t index = delivery.selection == nullptr ? i : delivery.selection[i];
    const picket_event& event = delivery.batch->events[index];
    result.push_back(delivery.batch->fields[event.first_field + 1].value.i);
  }
  return result;
}

class FakeSource final : public SourceListener {
 public:
  void on_acknowledged(std::uint64_t token, picket_status status) override { answers[token].push_back(status); }
  void on_ready(picket_name port) override { ready.push_back(port); }

  std::map<std::uint64_t, std::vector<picket_status>> answers;
  std::vector<picket_name> ready;
};

class FakeSink final : public SinkPort {
 public:
  using SinkPort::SinkPort;

  picket_status consume(const picket_delivery& delivery, std::uint64_t lost) override {
    picket_status status = PICKET_OK;
    if (!next.empty()) {
      status = next.front();
      next.pop_front();
    } else {
      status = otherwise;
    }
    flags.push_back(delivery.flags);
    lost_before.push_back(lost);
    if (status == PICKET_PENDING) pending.emplace_back(delivery.ticket, delivery.count);
    if (status == PICKET_OK || status == PICKET_PENDING) {
      const auto values = values_of(delivery);
      taken.insert(taken.end(), values.begin(), values.end());
    }
    return status;
  }
  void idle() override { ++idles; }
  void flush() override { ++flushes; }

  std::deque<picket_status> next;                                // answers to come, then
  picket_status otherwise = PICKET_OK;                           // this one
  std::vector<std::int64_t> taken;                               // values, in order
  std::vector<std::uint32_t> flags;                              // of each delivery
  std::vector<std::uint64_t> lost_before;                        // of each delivery
  std::vector<std::pair<std::uint64_t, std::uint32_t>> pending;  // tickets and their event counts
  int idles = 0;
  int flushes = 0;
};

inline config::Route route(const std::string& name, const std::vector<std::string>& from, const std::string& filter,
                           const std::vector<std::string>& to, const config::QueueSettings& queue = {}) {
  config::Route result;
  result.name = name;
  result.filter = filter;
  for (const std::string& instance : from) result.from.push_back({instance, {}, {}});
  for (const std::string& instance : to) result.to.push_back({instance, queue, {}});
  return result;
}

inline std::map<std::string, config::Route> routes(const std::vector<config::Route>& list) {
  std::map<std::string, config::Route> result;
  for (const config::Route& each : list) result[each.name] = each;
  return result;
}

}  // namespace picket::routing
