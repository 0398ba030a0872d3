// SPDX-License-Identifier: Apache-2.0
//
// Which series there are: identity -> id, bounded. In memory, with meta.db behind it. Used by the writer, under its
// lock.
#pragma once

#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "records.hpp"

namespace picket::perf_database {

class MetaStore;

class Catalogue {
 public:
  // `limit`: how many series may exist, at most kMaxSeriesId.
  explicit Catalogue(std::uint32_t limit) : limit_(limit) {}

  // What the history holds already. Ids that are taken by another series are left as they are.
  void load(std::span<const std::pair<SeriesId, SeriesInfo>> series);

  // The id of the series, a new one if it is not known yet; 0 when there are too many. What is known about a series is
  // kept from its first sample.
  SeriesId resolve(const SeriesInfo& info);

  // Null for an unknown id.
  const SeriesInfo* find(SeriesId id) const;

  // Brings new series to meta.db. Throws SqlError; then they are still pending.
  void flush(MetaStore& meta);

  std::size_t size() const { return ids_.size(); }

 private:
  static std::string key_of(const SeriesInfo& info);

  std::uint32_t limit_;
  SeriesId last_ = 0;
  std::unordered_map<std::string, SeriesId> ids_;
  std::unordered_map<SeriesId, SeriesInfo> infos_;
  std::vector<std::pair<SeriesId, SeriesInfo>> pending_;
};

}  // namespace picket::perf_database
