// SPDX-License-Identifier: Apache-2.0
#include "catalogue.hpp"

#include "meta_store.hpp"

namespace picket::perf_database {

std::string Catalogue::key_of(const SeriesInfo& info) {
  // Zero bytes part the fields: no two different identities give one key, because names that reach the store hold none.
  std::string key;
  key.reserve(info.host.size() + info.source.size() + info.name.size() + info.attributes.size() + 3);
  for (const std::string* part : {&info.host, &info.source, &info.name, &info.attributes}) {
    key += *part;
    key += '\0';
  }
  return key;
}

void Catalogue::load(std::span<const std::pair<SeriesId, SeriesInfo>> series) {
  for (const auto& [id, info] : series) {
    if (id == 0 || id > kMaxSeriesId || infos_.contains(id)) continue;
    if (!ids_.emplace(key_of(info), id).second) continue;
    infos_.emplace(id, info);
    last_ = std::max(last_, id);
  }
}

SeriesId Catalogue::resolve(const SeriesInfo& info) {
  std::string key = key_of(info);
  if (const auto known = ids_.find(key); known != ids_.end()) return known->second;
  if (ids_.size() >= limit_ || last_ >= kMaxSeriesId) return 0;
  const SeriesId id = ++last_;
  pending_.emplace_back(id, info);
  infos_.emplace(id, info);
  ids_.emplace(std::move(key), id);
  return id;
}

const SeriesInfo* Catalogue::find(SeriesId id) const {
  const auto at = infos_.find(id);
  return at == infos_.end() ? nullptr : &at->second;
}

void Catalogue::flush(MetaStore& meta) {
  if (pending_.empty()) return;
  meta.add_series(pending_);
  pending_.clear();
}

}  // namespace picket::perf_database
