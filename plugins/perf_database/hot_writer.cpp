// SPDX-License-Identifier: Apache-2.0
#include "hot_writer.hpp"

#include <bit>

#include "calendar.hpp"
#include "codec/crc32c.hpp"
#include "meta_store.hpp"

namespace picket::perf_database {
namespace {

// A sender whose layout changes at every tick must not make memory grow; the least recently used chain goes.
constexpr std::size_t kMaxChains = 64;

std::uint64_t layout_hash(std::span<const Sample> samples) {
  std::uint64_t hash = samples.size();
  for (const Sample& sample : samples) hash = (std::rotl(hash, 23) ^ sample.series) * 0x9E3779B97F4A7C15ULL;
  return hash;
}

bool same_layout(std::span<const Sample> samples, const std::vector<SeriesId>& series) {
  return std::equal(samples.begin(), samples.end(), series.begin(), series.end(),
                    [](const Sample& sample, SeriesId id) { return sample.series == id; });
}

}  // namespace

Bytes encode_layout(std::span<const SeriesId> series) {
  Bytes out;
  put_varint(out, series.size());
  SeriesId last = 0;
  for (const SeriesId id : series) {
    put_varint(out, zigzag(static_cast<std::int64_t>(id) - static_cast<std::int64_t>(last)));
    last = id;
  }
  seal_with_crc(out);
  return out;
}

bool decode_layout(ByteView block, std::vector<SeriesId>& series) {
  ByteReader in(check_crc(block));
  const std::uint64_t count = in.varint();
  if (!in.ok() || count > kMaxTick || count > in.rest().size()) return false;
  series.clear();
  series.reserve(count);
  std::uint64_t last = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    last += static_cast<std::uint64_t>(unzigzag(in.varint()));
    if (last == 0 || last > kMaxSeriesId) return false;
    series.push_back(static_cast<SeriesId>(last));
  }
  return in.ok() && in.rest().empty();
}

HotWriter::HotWriter(const std::filesystem::path& file, std::int64_t hour_ns)
    : database_(open_file(file, FileKind::hot, Open::create)),
      hour_ns_(hour_ns),
      insert_tick_(database_.prepare("INSERT INTO tick VALUES(?1, ?2, ?3, ?4)")),
      last_key_(database_.prepare("SELECT max(id) FROM tick WHERE id >= ?1 AND id < ?2")),
      next_run_(database_.number("SELECT max(id) FROM run") + 1) {}

void HotWriter::begin() {
  transaction_.emplace(database_, Durability::system);
}

void HotWriter::commit() {
  transaction_->commit();
  transaction_.reset();
  dirty_ = true;
}

void HotWriter::sync() {
  if (!dirty_) return;
  Transaction transaction(database_, Durability::device);
  database_.execute("UPDATE mark SET commits = commits + 1");
  transaction.commit();
  dirty_ = false;
}

void HotWriter::leave_log() {
  database_.leave_log();
}

void HotWriter::append(std::int64_t time_ns, std::span<const Sample> samples, const Catalogue& catalogue) {
  Chain& chain = chain_for(samples, catalogue);
  chain.last_used = ++uses_;
  if (chain.run == 0 || time_ns <= chain.last_ns) {
    chain.run = next_run_++;
    chain.values.clear();
    database_.prepare("INSERT INTO run VALUES(?1, ?2)").bind(1, chain.run).bind(2, chain.layout).run();
  }
  if (chain.frame + 1 >= kKeyframeRows || time_ns - chain.keyframe_ns >= kKeyframeSpan) chain.values.clear();
  const bool keyframe = chain.values.empty();
  chain.frame = keyframe ? 0 : chain.frame + 1;
  if (keyframe) chain.keyframe_ns = time_ns;

  words_.clear();
  for (const Sample& sample : samples) words_.push_back(std::bit_cast<std::uint64_t>(sample.value));
  encoder_.encode(words_, chain.values, block_);
  const std::int64_t key = free_key(time_ns);
  insert_tick_.bind(1, key).bind(2, chain.run).bind(3, chain.frame).bind(4, ByteView(block_)).run();
  chain.values = words_;
  chain.last_ns = time_ns;
}

std::int64_t HotWriter::free_key(std::int64_t time_ns) {
  const std::int64_t first = (time_ns - hour_ns_) << kTickSequenceBits;
  const std::int64_t end = first + (std::int64_t{1} << kTickSequenceBits);
  last_key_.bind(1, first).bind(2, end).step();
  const std::int64_t key = last_key_.is_null(0) ? first : last_key_.integer(0) + 1;
  last_key_.reset();
  return key;
}

HotWriter::Chain& HotWriter::chain_for(std::span<const Sample> samples, const Catalogue& catalogue) {
  const std::uint64_t hash = layout_hash(samples);
  const auto [begin, end] = chains_.equal_range(hash);
  for (auto at = begin; at != end; ++at) {
    if (same_layout(samples, at->second.series)) return at->second;
  }
  if (chains_.size() >= kMaxChains) {
    chains_.erase(std::min_element(chains_.begin(), chains_.end(), [](const auto& a, const auto& b) {
      return a.second.last_used < b.second.last_used;
    }));
  }
  Chain chain;
  for (const Sample& sample : samples) chain.series.push_back(sample.series);
  store_layout(chain, catalogue);
  return chains_.emplace(hash, std::move(chain))->second;
}

void HotWriter::store_layout(Chain& chain, const Catalogue& catalogue) {
  Statement insert = database_.prepare(kInsertSeries);
  for (const SeriesId id : chain.series) {
    if (id < described_.size() && described_[id]) continue;
    if (const SeriesInfo* info = catalogue.find(id)) {
      bind_series(insert, id, *info);
      insert.run();
    }
    if (id >= described_.size()) described_.resize(id + std::size_t{1});
    described_[id] = true;
  }
  const Bytes block = encode_layout(chain.series);
  chain.layout = database_.number("SELECT max(id) FROM layout") + 1;
  database_.prepare("INSERT INTO layout VALUES(?1, ?2)").bind(1, chain.layout).bind(2, ByteView(block)).run();
}

}  // namespace picket::perf_database
