// SPDX-License-Identifier: Apache-2.0
//
// The provisional hour rows: what the hours that are not sealed yet add up to so far, so that plain SQL over meta.db
// sees the present. Runs on the sealer's thread, once a minute, reading only what came since. A tick that arrived with
// a time before the last pass shows only when its hour is sealed.
#pragma once

#include <map>

#include "files.hpp"
#include "meta_store.hpp"

namespace picket::perf_database {

class CurrentHour {
 public:
  // Throws SqlError.
  void update(const Listing& listing, MetaStore& meta);

 private:
  std::map<std::filesystem::path, std::int64_t> read_until_;    // by hot file, ns
  std::map<std::int64_t, std::map<SeriesId, Aggregate>> sums_;  // by hour
};

}  // namespace picket::perf_database
