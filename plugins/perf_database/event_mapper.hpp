// SPDX-License-Identifier: Apache-2.0
//
// From events on the bus to what the store takes: metric events become samples of series, others become rows. Remembers
// which event means which series, so that a steady stream costs one look-up each. Belongs to the delivering thread.
#pragma once

#include <span>
#include <unordered_map>

#include "picket/plugin.hpp"
#include "store.hpp"

namespace picket::perf_database {

struct Gathered {
  std::vector<Tick> ticks;  // ascending
  std::vector<EventRow> events;
  std::vector<std::uint32_t> refused;  // positions in the delivery, ascending
  std::uint64_t samples = 0;
  std::uint64_t over_series_limit = 0;  // of the refused: no room for another series
  std::string why;                      // of the last refusal; empty: none
};

class EventMapper {
 public:
  // `machine`: the host of series whose events name none.
  EventMapper(Host host, std::string machine);

  // An error: the store is closed.
  Result<Gathered> map(const Events& events, Store& store);

 private:
  struct Known {
    SeriesId id;
    std::int32_t round_to;  // decimals; -1: as it is
  };
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  // Whether this sample can be stored; else says why not.
  Result<Known> resolve(const EventView& event, Store& store);
  Result<SeriesInfo> describe(const EventView& event) const;
  void make_key(const Events& events, const EventView& event);
  EventRow row_of(const EventView& event) const;

  const Host host_;
  const std::string machine_;
  const Name metric_, value_;
  std::uint64_t epoch_ = 0;
  std::unordered_map<std::string, Known, Hash, std::equal_to<>> known_;
  std::string key_;
};

// `value` with that many decimal places, as the decimal text would read; unchanged where doubles have no such place.
double round_to_decimals(double value, std::int32_t decimals);

}  // namespace picket::perf_database
