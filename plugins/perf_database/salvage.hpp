// SPDX-License-Identifier: Apache-2.0
//
// Reads what can still be read of damaged files: rows around broken pages, and files whose first page is gone, which is
// the same in every file of a kind and so can be put back. Works on copies; the originals stay as they are. Called by
// repair, on its thread. Throws SqlError (of copies that cannot be made) and std::filesystem::filesystem_error.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <vector>

#include "meta_store.hpp"
#include "minute_file.hpp"
#include "raw_file.hpp"
#include "schema.hpp"

namespace picket::perf_database {

// Reads keys in [from, to), ascending, and keeps `next` one past the last that was read. Throws SqlError.
using ReadRange = std::function<void(std::int64_t from, std::int64_t to, std::int64_t& next)>;

// Reads all of [bounds.front(), bounds.back()) and, where that fails, the parts between bounds by themselves. Returns
// how many parts could not be read to their end. A part may be read more than once. Each failure costs a bit of
// `patience`; when there is none left, what follows counts as one part and is not read.
std::uint64_t read_around_damage(std::span<const std::int64_t> bounds, std::uint64_t& patience, const ReadRange& read);
inline constexpr std::uint64_t kPatience = 20'000;  // for one table: a few seconds

// Calls `look` with every way in which the file lets itself be opened as a database of its kind: with and without its
// log, with its first page and with a fresh one; and with a database of the rows that lie on its leaf pages. One way
// only when there is nothing wrong with the first. Returns how many there were.
std::size_t open_damaged(const std::filesystem::path& file, FileKind kind, const std::filesystem::path& directory,
                         const std::function<void(Database&)>& look);

using SeriesMap = std::map<SeriesId, SeriesInfo>;

// The descriptions of series that are there, of these ids at most.
SeriesMap salvage_series(const Database& database, SeriesId last);

// Some samples of one series in one hour, ascending.
using SamplesFn = std::function<void(std::int64_t hour_ns, SeriesId series, std::vector<TimedValue>&& samples)>;

// Chunks of these series in the week. Returns how many parts were lost.
std::uint64_t salvage_raw(const Database& database, std::int64_t week_ns, const std::set<SeriesId>& series,
                          const SamplesFn& fn);

// Minutes of these series in the month. Returns how many parts were lost.
using MinutesFn = std::function<void(std::int64_t day_ns, SeriesId series, const DayOfMinutes& part)>;
std::uint64_t salvage_minutes(const Database& database, std::int64_t month_ns, const std::set<SeriesId>& series,
                              const MinutesFn& fn);

// Ticks of the hour. Returns how many parts were lost.
std::uint64_t salvage_hot(const Database& database, std::int64_t hour_ns, const SamplesFn& fn);

}  // namespace picket::perf_database
