// SPDX-License-Identifier: Apache-2.0
#include "time_columns.hpp"

#include <algorithm>

namespace picket::perf_database {

std::size_t parts_for(std::size_t block_bytes, std::size_t limit) {
  std::size_t parts = 1;
  while (block_bytes / parts > limit && parts < kMaxSplit) parts *= 2;
  return parts;
}

const std::vector<std::int64_t>& TimeColumns::read(std::int64_t id, Compressor& compressor) {
  if (id == cached_id_) return cached_;
  if (!select_) select_.emplace(database_.prepare("SELECT data FROM times WHERE id = ?1"));
  cached_id_ = -1;
  const bool found = select_->bind(1, id).step();
  const ByteView block = found ? select_->blob(0) : ByteView();
  if (!found || !std::equal(block.begin(), block.end(), cached_block_.begin(), cached_block_.end())) {
    cached_block_.clear();
    auto times = found ? decode_times(block, compressor) : std::nullopt;
    if (!times) {
      select_->reset();
      throw DamageError(database_.file(), "the timestamp column " + std::to_string(id) + " is damaged");
    }
    cached_ = std::move(*times);
    cached_block_.assign(block.begin(), block.end());
  }
  select_->reset();
  cached_id_ = id;
  return cached_;
}

void TimeColumns::load(std::int64_t period) {
  if (period_ == period) return;
  forget();
  Statement rows = database_.prepare("SELECT id, data FROM times WHERE id >= ?1 AND id < ?2");
  rows.bind(1, period_key(period)).bind(2, period_key(period + 1));
  while (rows.step()) ids_.emplace(Bytes(rows.blob(1).begin(), rows.blob(1).end()), rows.integer(0));
  period_ = period;
}

std::int64_t TimeColumns::store(std::int64_t period, std::span<const std::int64_t> times, Compressor& compressor) {
  load(period);
  if (last_id_ != -1 && std::equal(times.begin(), times.end(), last_.begin(), last_.end())) return last_id_;
  Bytes block = encode_times(times, compressor);
  auto known = ids_.find(block);
  if (known == ids_.end()) {
    Statement last = database_.prepare("SELECT max(id) FROM times WHERE id >= ?1 AND id < ?2");
    last.bind(1, period_key(period)).bind(2, period_key(period + 1)).step();
    const std::int64_t id = last.is_null(0) ? period_key(period) : last.integer(0) + 1;
    database_.prepare("INSERT INTO times VALUES(?1, ?2)").bind(1, id).bind(2, ByteView(block)).run();
    known = ids_.emplace(std::move(block), id).first;
  }
  last_.assign(times.begin(), times.end());
  last_id_ = known->second;
  return last_id_;
}

void TimeColumns::drop_unused(std::int64_t period) {
  database_
      .prepare(
          "DELETE FROM times WHERE id >= ?1 AND id < ?2 AND id NOT IN "
          "(SELECT times FROM chunk WHERE id >= ?1 AND id < ?2)")
      .bind(1, period_key(period))
      .bind(2, period_key(period + 1))
      .run();
  forget();
}

void TimeColumns::forget() {
  ids_.clear();
  period_ = -1;
  last_id_ = -1;
  cached_id_ = -1;
}

}  // namespace picket::perf_database
