// SPDX-License-Identifier: Apache-2.0
//
// Order of the durable steps: chunks, then hour rows, then the hour's mark, then the hot files go. Memory is bounded by
// reading the hot files once per slice of series.
//
// The common case is one layout for the whole hour, whose ticks came in order: then the values of a series are one
// column already, and only its times are looked at to know. Everything else goes through sort_and_merge().
#include "sealer.hpp"

#include <bit>
#include <deque>
#include <map>
#include <memory>
#include <optional>

#include "hot_reader.hpp"
#include "raw_file.hpp"

namespace picket::perf_database {
namespace {

constexpr std::uint64_t kSliceSamples = std::uint64_t{1024} * 1024;  // 8 MiB
constexpr std::uint64_t kMaxSlices = 16;                             // a huge hour takes more memory, not more passes
// Each commit writes a few pages besides those of the chunks; and it bounds how long a wait for meta.db can be.
constexpr std::size_t kSeriesPerCommit = 256;

struct Source {
  HotPart part;
  std::unique_ptr<HotReader> reader;
  bool damaged = false;
};

// The samples of one layout of one hot file, as far as they belong to a slice: times once, a column for each pick.
struct Block {
  const std::vector<Picks::Pick>* picks;
  std::vector<std::int64_t> times;
  std::vector<std::vector<double>> columns;
  bool ascending = true;  // strictly

  explicit Block(const std::vector<Picks::Pick>& of_layout) : picks(&of_layout), columns(of_layout.size()) {}

  void add(std::int64_t time, std::span<const std::uint64_t> values) {
    ascending = ascending && (times.empty() || times.back() < time);
    times.push_back(time);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      columns[i].push_back(std::bit_cast<double>(values[(*picks)[i].position]));
    }
  }
};

// A column of a block that holds samples of the series in question.
struct Piece {
  const Block* block;
  const std::vector<double>* values;
};

class HourSealer {
 public:
  HourSealer(std::int64_t hour_ns, RawFile& raw, MetaStore& meta, const StepHook& step)
      : hour_ns_(hour_ns), raw_(raw), meta_(meta), step_(step), had_chunks_(raw.has_hour(hour_ns)) {}

  void add(Source source) {
    for (const auto& [id, extent] : source.reader->extents()) counts_[id] += extent.samples;
    for (auto& [id, info] : source.reader->series()) infos_.try_emplace(id, std::move(info));
    sources_.push_back(std::move(source));
  }

  SealResult run() {
    SealResult result;
    std::uint64_t total = 0;
    for (const auto& [id, samples] : counts_) total += samples;
    const std::uint64_t limit = std::max(kSliceSamples, total / kMaxSlices);
    std::vector<SeriesId> slice;
    std::uint64_t in_slice = 0;
    for (const auto& [id, samples] : counts_) {
      if (!slice.empty() && in_slice + samples > limit) {
        seal_slice(slice);
        slice.clear();
        in_slice = 0;
      }
      slice.push_back(id);
      in_slice += samples;
    }
    if (!slice.empty()) seal_slice(slice);
    raw_.drop_unused_times(hour_ns_);
    const auto [samples, bytes] = raw_.totals(hour_ns_);
    meta_.finish_hour(hour_ns_, samples, bytes);
    step_("hour finished");
    result.samples = total;
    result.chunks = counts_.size();
    return result;
  }

  std::vector<Source>& sources() { return sources_; }

 private:
  void seal_slice(const std::vector<SeriesId>& slice) {
    std::deque<Block> blocks;
    Picks picks(slice);
    for (Source& source : sources_) source.damaged |= gather(source, picks, blocks);
    std::vector<std::vector<Piece>> pieces(slice.size());
    for (const Block& block : blocks) {
      for (std::size_t i = 0; i < block.columns.size(); ++i) {
        pieces[(*block.picks)[i].slot].push_back({&block, &block.columns[i]});
      }
    }
    std::vector<SealedSeries> rows;
    for (std::size_t from = 0; from < slice.size(); from += kSeriesPerCommit) {
      rows.clear();
      raw_.begin();
      for (std::size_t i = from; i < std::min(slice.size(), from + kSeriesPerCommit); ++i) {
        if (auto row = put(slice[i], pieces[i])) rows.push_back(*row);
      }
      raw_.commit();
      step_("chunks written");
      meta_.put_hours(hour_ns_, rows);
      step_("hour rows written");
    }
  }

  // Appends a block for each layout, in the order of their first ticks. Returns whether parts could not be read.
  bool gather(const Source& source, Picks& picks, std::deque<Block>& blocks) const {
    std::map<const SeriesId*, Block*> known;
    const SeriesId* last_layout = nullptr;
    Block* block = nullptr;
    const auto add = [&](std::int64_t time, std::span<const SeriesId> layout, std::span<const std::uint64_t> values) {
      if (block == nullptr || layout.data() != last_layout) {
        last_layout = layout.data();
        Block*& found = known[last_layout];
        if (found == nullptr) found = &blocks.emplace_back(picks.of(layout));
        block = found;
      }
      block->add(time, values);
    };
    return source.reader->scan(hour_ns_, hour_ns_ + kHour, &picks, add) != 0;
  }

  std::optional<SealedSeries> put(SeriesId id, const std::vector<Piece>& pieces) {
    if (pieces.size() == 1 && pieces[0].block->ascending && !had_chunks_) {
      return raw_.put(hour_ns_, id, infos_[id], pieces[0].block->times, *pieces[0].values);
    }
    std::vector<TimedValue> merged;
    if (had_chunks_) raw_.read(hour_ns_, id, merged);  // what an earlier seal of this hour has stored
    for (const Piece& piece : pieces) {
      for (std::size_t i = 0; i < piece.values->size(); ++i) {
        merged.push_back({piece.block->times[i], (*piece.values)[i]});
      }
    }
    if (merged.empty()) return std::nullopt;
    sort_and_merge(merged);
    std::vector<std::int64_t> times;
    std::vector<double> values;
    for (const TimedValue& sample : merged) {
      times.push_back(sample.time_ns);
      values.push_back(sample.value);
    }
    return raw_.put(hour_ns_, id, infos_[id], times, values);
  }

  const std::int64_t hour_ns_;
  RawFile& raw_;
  MetaStore& meta_;
  const StepHook& step_;
  const bool had_chunks_;  // of an earlier seal of this hour
  std::vector<Source> sources_;
  std::map<SeriesId, std::uint64_t> counts_;
  std::map<SeriesId, SeriesInfo> infos_;
};

}  // namespace

SealResult seal_hour(const std::filesystem::path& directory, std::int64_t hour_ns, const std::vector<HotPart>& parts,
                     MetaStore& meta, const StepHook& step) {
  SealResult result;
  std::vector<std::filesystem::path> whole;
  {
    RawFile raw(directory / raw_file_name(hour_ns), Open::create);
    HourSealer sealer(hour_ns, raw, meta, step);
    for (const HotPart& part : parts) {
      try {
        sealer.add({part, std::make_unique<HotReader>(part.file, hour_ns), false});
      } catch (const SqlError& error) {
        if (!error.damaged() || error.file() != part.file) throw;
        result.damaged.push_back(part.file);
      }
    }
    if (!sealer.sources().empty()) {
      std::vector<std::filesystem::path> unreadable = std::move(result.damaged);
      result = sealer.run();
      result.damaged = std::move(unreadable);
    }
    for (const Source& source : sealer.sources()) (source.damaged ? result.damaged : whole).push_back(source.part.file);
  }
  // The readers are closed by now: Windows removes and renames only what nobody has open.
  for (const std::filesystem::path& file : whole) {
    remove_database(file);
    step("hot file removed");
  }
  for (std::filesystem::path& file : result.damaged) file = set_aside(file);
  return result;
}

}  // namespace picket::perf_database
