// SPDX-License-Identifier: Apache-2.0
//
// Order of the durable steps: chunks, then hour rows, then the hour's mark, then the hot files go. Memory is bounded by
// reading the hot files once per slice of series.
#include "sealer.hpp"

#include <bit>
#include <memory>

#include "hot_reader.hpp"
#include "raw_file.hpp"

namespace picket::perf_database {
namespace {

constexpr std::uint64_t kSliceSamples = std::uint64_t{512} * 1024;  // 8 MiB
constexpr std::uint64_t kMaxSlices = 16;                            // a huge hour takes more memory, not more passes
constexpr std::size_t kSeriesPerCommit = 64;  // bounds how long a reader's or writer's wait can be

struct Source {
  HotPart part;
  std::unique_ptr<HotReader> reader;
  bool damaged = false;
};

class HourSealer {
 public:
  HourSealer(std::int64_t hour_ns, RawFile& raw, MetaStore& meta, const StepHook& step)
      : hour_ns_(hour_ns), raw_(raw), meta_(meta), step_(step) {}

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
    std::vector<std::vector<TimedValue>> samples(slice.size());
    std::vector<std::uint32_t> slots(slice.back() + std::size_t{1}, kNoSlot);
    for (std::size_t i = 0; i < slice.size(); ++i) slots[slice[i]] = static_cast<std::uint32_t>(i);
    for (Source& source : sources_) {
      source.damaged |=
          source.reader->scan(
              hour_ns_, hour_ns_ + kHour, 0,
              [&](std::int64_t time, std::span<const SeriesId> series, std::span<const std::uint64_t> values) {
                for (std::size_t i = 0; i < series.size(); ++i) {
                  if (series[i] >= slots.size() || slots[series[i]] == kNoSlot) continue;
                  samples[slots[series[i]]].push_back({time, std::bit_cast<double>(values[i])});
                }
              }) != 0;
    }
    std::vector<SealedSeries> rows;
    for (std::size_t from = 0; from < slice.size(); from += kSeriesPerCommit) {
      rows.clear();
      raw_.begin();
      for (std::size_t i = from; i < std::min(slice.size(), from + kSeriesPerCommit); ++i) {
        std::vector<TimedValue> merged;
        raw_.read(hour_ns_, slice[i], merged);  // what an earlier seal of this hour has stored
        merged.insert(merged.end(), samples[i].begin(), samples[i].end());
        samples[i] = {};
        if (merged.empty()) continue;
        sort_and_merge(merged);
        rows.push_back(raw_.put(hour_ns_, slice[i], infos_[slice[i]], merged));
      }
      raw_.commit();
      step_("chunks written");
      meta_.put_hours(hour_ns_, rows);
      step_("hour rows written");
    }
  }

  static constexpr std::uint32_t kNoSlot = ~0U;
  const std::int64_t hour_ns_;
  RawFile& raw_;
  MetaStore& meta_;
  const StepHook& step_;
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
