// SPDX-License-Identifier: Apache-2.0
//
// Stored history as the verbs see it: the C table picket_history of an instance in C++ words. Tests put a fake here.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "picket/ext/history.h"
#include "picket/result.hpp"

namespace picket::commands {

struct Series {
  std::uint64_t id = 0;
  std::uint32_t instrument = 0;  // PICKET_INSTRUMENT_...
  std::string host, source, name;
  std::string attributes;  // a JSON object
  std::string unit;
};

// Some points of the series at `index` of those asked for, ascending; false ends the read, which is no error.
using PointsOfFn = std::function<bool(std::size_t index, std::span<const picket_history_point> points)>;

// Single thread.
class History {
 public:
  virtual ~History() = default;

  // The series whose name matches the glob (empty: all); at most `limit`, and PICKET_LIMIT if there are more.
  virtual Result<std::vector<Series>> series(const std::string& glob, std::size_t limit) = 0;

  // The values of some series in [from_ns, to_ns), those of one ascending; see picket_history.points_of. An error may
  // come after points: then these are what could be read.
  virtual Result<void> points_of(std::span<const std::uint64_t> series, std::int64_t from_ns, std::int64_t to_ns,
                                 std::int64_t step_ns, const PointsOfFn& each) = 0;
};

// A plugin's table, of which `points_of` may be missing: then the series are read one after the other. `self` outlives
// it.
class PluginHistory final : public History {
 public:
  PluginHistory(const picket_history& table, void* self) : table_(table), self_(self) {}

  Result<std::vector<Series>> series(const std::string& glob, std::size_t limit) override;
  Result<void> points_of(std::span<const std::uint64_t> series, std::int64_t from_ns, std::int64_t to_ns,
                         std::int64_t step_ns, const PointsOfFn& each) override;

 private:
  const picket_history table_;
  void* const self_;
};

}  // namespace picket::commands
