// SPDX-License-Identifier: Apache-2.0
//
// Byte positions are those of the SQLite file format, sqlite.org/fileformat.html section 1.3.
#include "salvage.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <fstream>
#include <optional>

#include "calendar.hpp"
#include "chunk_keys.hpp"
#include "codec/tick_codec.hpp"
#include "directory.hpp"
#include "files.hpp"
#include "hot_writer.hpp"
#include "leaf_rows.hpp"

namespace picket::perf_database {
namespace {

namespace fs = std::filesystem;

constexpr const char* kScratch = "salvage.db.new";            // swept when a crash leaves it
constexpr int kPageSizes[] = {1'024, 4'096, 16'384, 65'536};  // that any version of any kind has
constexpr std::int64_t kTickBound = 100'000'000;              // ns: ticks are read by themselves between such bounds

fs::path with_suffix(const fs::path& file, const char* suffix) {
  fs::path out = file;
  out += suffix;
  return out;
}

// The copy, and the ways to make it.
class Scratch {
 public:
  Scratch(fs::path original, FileKind kind, const fs::path& directory)
      : original_(std::move(original)), kind_(kind), file_(directory / kScratch) {}
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { clear(); }

  const fs::path& file() const { return file_; }
  bool has_log() const { return fs::exists(with_suffix(original_, "-wal")); }

  void copy(bool with_log) {
    clear();
    fs::copy_file(original_, file_);
    if (with_log) fs::copy_file(with_suffix(original_, "-wal"), with_suffix(file_, "-wal"));
  }

  // Makes a database of the rows on the copy's leaf pages, for the kinds whose tables can be told apart by their
  // columns, and returns its name. What is stale or rubbish fails its checksum later.
  fs::path gather_rows() {
    fs::path gathered = with_suffix(file_, "-donor");
    remove_file(gathered);
    Database fresh(gathered, Open::create);
    make_empty(fresh, kind_, kPageSizes[2], false);
    Transaction transaction(fresh, Durability::system);
    const std::size_t chunk_columns = kind_ == FileKind::raw ? 10 : 3;
    Statement series = fresh.prepare(kInsertSeries);
    Statement times = fresh.prepare("INSERT OR IGNORE INTO times VALUES(?1, ?2)");
    Statement chunk =
        fresh.prepare(kind_ == FileKind::raw ? "INSERT OR IGNORE INTO chunk VALUES(?1, ?2, 0, 0, 0, 0, 0, 0, 0, ?3)"
                                             : "INSERT OR IGNORE INTO chunk VALUES(?1, ?2, ?3)");
    for (const int page_size : page_sizes()) {
      each_leaf_row(file_, static_cast<std::uint32_t>(page_size), [&](const LeafRow& row) {
        const auto* const block = std::get_if<Bytes>(&row.columns.back());
        if (row.columns.size() == 8) {
          put_series(series, row);
        } else if (row.columns.size() == 2 && block != nullptr) {
          times.bind(1, row.rowid).bind(2, ByteView(*block)).run();
        } else if (const auto* id =
                       row.columns.size() == chunk_columns ? std::get_if<std::int64_t>(&row.columns[1]) : nullptr;
                   id != nullptr && block != nullptr) {
          chunk.bind(1, row.rowid).bind(2, *id).bind(3, ByteView(*block)).run();
        }
      });
    }
    transaction.commit();
    return gathered;
  }

  // Gives the copy the first page of a fresh file.
  void transplant(int page_size, bool auto_vacuum) {
    const fs::path donor = with_suffix(file_, "-donor");
    {
      Database fresh(donor, Open::create);
      make_empty(fresh, kind_, page_size, auto_vacuum);
    }
    std::vector<char> page(static_cast<std::size_t>(page_size));
    std::ifstream(donor, std::ios::binary).read(page.data(), page_size);
    remove_file(donor);
    // The page count in the header only counts while the change counter (24) equals the "version valid for" number
    // (92).
    page[95] = static_cast<char>(page[27] + 1);
    std::fstream out(file_, std::ios::binary | std::ios::in | std::ios::out);
    out.write(page.data(), page_size);
    if (!out.flush()) throw fs::filesystem_error("cannot write", file_, std::make_error_code(std::errc::io_error));
  }

 private:
  // What the copy's header says, if that can be; else all there are.
  std::vector<int> page_sizes() const {
    std::array<unsigned char, 18> header{};
    std::ifstream(file_, std::ios::binary).read(reinterpret_cast<char*>(header.data()), header.size());
    const int stated = header[16] << 8U | header[17];
    const int size = stated == 1 ? 65'536 : stated;
    if (std::find(std::begin(kPageSizes), std::end(kPageSizes), size) != std::end(kPageSizes)) return {size};
    return {std::begin(kPageSizes), std::end(kPageSizes)};
  }

  static void put_series(Statement& insert, const LeafRow& row) {
    SeriesInfo info;
    std::string* const texts[] = {&info.host, &info.source, &info.name, &info.attributes, &info.unit};
    for (std::size_t i = 0; i < std::size(texts); ++i) {
      const auto* const text = std::get_if<std::string>(&row.columns[i + 1]);
      if (text == nullptr) return;
      *texts[i] = *text;
    }
    const auto* const instrument = std::get_if<std::int64_t>(&row.columns[6]);
    const auto* const decimals = std::get_if<std::int64_t>(&row.columns[7]);
    if (instrument == nullptr || decimals == nullptr || row.rowid <= 0 || row.rowid > kMaxSeriesId) return;
    info.instrument = static_cast<std::uint32_t>(*instrument);
    info.decimals = static_cast<std::int32_t>(*decimals);
    bind_series(insert, static_cast<SeriesId>(row.rowid), info);
    insert.run();
  }

  void clear() const {
    for (const char* suffix : {"", "-wal", "-shm", "-donor", "-donor-wal", "-donor-shm"})
      remove_file(with_suffix(file_, suffix));
  }

  const fs::path original_;
  const FileKind kind_;
  const fs::path file_;
};

const char* main_table(FileKind kind) {
  return kind == FileKind::hot ? "tick" : kind == FileKind::meta ? "series" : "chunk";
}

// The database, if it has at least one row that can be read.
std::optional<Database> try_open(const fs::path& file, FileKind kind) {
  try {
    Database database = open_for_reading(file, kind);  // as it is: not brought up to date
    Statement any = database.prepare(std::string("SELECT 1 FROM ") + main_table(kind));
    if (any.step()) return database;
  } catch (const SqlError& error) {
    if (!error.damaged()) throw;
  } catch (const VersionError&) {
    return std::nullopt;  // a version that is not one
  }
  return std::nullopt;
}

bool is_whole(const Database& database) {
  try {
    Statement check = database.prepare("PRAGMA integrity_check(1)");
    return check.step() && check.text(0) == "ok";
  } catch (const SqlError&) {
    return false;
  }
}

}  // namespace

std::uint64_t read_around_damage(std::span<const std::int64_t> bounds, std::uint64_t& patience, const ReadRange& read) {
  if (bounds.size() < 2) return 0;
  if (patience == 0) return 1;
  std::int64_t next = bounds.front();
  try {
    read(bounds.front(), bounds.back(), next);
    return 0;
  } catch (const SqlError& error) {
    if (!error.damaged()) throw;
    --patience;
  }
  const auto after = std::upper_bound(bounds.begin(), bounds.end() - 1, next);
  const std::span<const std::int64_t> rest = bounds.subspan(static_cast<std::size_t>(after - bounds.begin()) - 1);
  if (rest.size() <= 2) return 1;
  const std::size_t middle = rest.size() / 2;
  const std::uint64_t lost = read_around_damage(rest.first(middle + 1), patience, read);
  return lost + read_around_damage(rest.subspan(middle), patience, read);
}

std::size_t open_damaged(const fs::path& file, FileKind kind, const fs::path& directory,
                         const std::function<void(Database&)>& look) {
  Scratch scratch(file, kind, directory);
  std::size_t ways = 0;
  for (const bool with_log : {true, false}) {
    if (with_log && !scratch.has_log()) continue;
    scratch.copy(with_log);
    if (std::optional<Database> database = try_open(scratch.file(), kind)) {
      ++ways;
      const bool whole = is_whole(*database);
      look(*database);
      if (whole) return ways;
      continue;
    }
    for (const int page_size : kPageSizes) {
      for (const bool auto_vacuum : {false, true}) {
        scratch.copy(with_log);
        scratch.transplant(page_size, auto_vacuum);
        if (std::optional<Database> database = try_open(scratch.file(), kind)) {
          ++ways;
          look(*database);
          if (is_whole(*database)) return ways;
        }
      }
    }
  }
  if (kind == FileKind::raw || kind == FileKind::minute) {
    scratch.copy(scratch.has_log());
    try {
      Database(scratch.file(), Open::existing).execute("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch (const SqlError& error) {
      if (!error.damaged()) throw;  // else what is in the file alone must do
    }
    const fs::path gathered = scratch.gather_rows();
    if (std::optional<Database> database = try_open(gathered, kind)) {
      ++ways;
      look(*database);
    }
  }
  return ways;
}

SeriesMap salvage_series(const Database& database, SeriesId last) {
  SeriesMap series;
  std::uint64_t patience = kPatience;
  std::vector<std::int64_t> bounds;
  for (std::int64_t id = 1; id <= std::int64_t{last} + 1; ++id) bounds.push_back(id);
  read_around_damage(bounds, patience, [&](std::int64_t from, std::int64_t to, std::int64_t& next) {
    Statement rows = database.prepare(std::string(kSelectSeries) + " WHERE id >= ?1 AND id < ?2 ORDER BY id");
    rows.bind(1, from).bind(2, to);
    while (rows.step()) {
      auto [id, info] = read_series(rows);
      next = std::int64_t{id} + 1;
      if (!info.name.empty()) series.emplace(id, std::move(info));
    }
  });
  return series;
}

namespace {

// Chunks of one period as they lie there, with their timestamps; those that do not fit are counted.
class ChunkScan {
 public:
  explicit ChunkScan(const Database& database) : database_(database) {}

  // `fn(key, times, block)` returns false for a block that is damaged.
  using BlockFn = std::function<bool(std::int64_t key, const std::vector<std::int64_t>& times, ByteView block)>;
  std::uint64_t period(std::int64_t number, const std::set<SeriesId>& series, const BlockFn& fn) {
    std::vector<std::int64_t> bounds;
    bounds.reserve(series.size() + 1);
    for (const SeriesId id : series) bounds.push_back(chunk_key(number, id));
    bounds.push_back(period_key(number + 1));
    std::uint64_t lost = 0;
    lost += read_around_damage(bounds, patience_, [&](std::int64_t from, std::int64_t to, std::int64_t& next) {
      Statement rows = database_.prepare("SELECT id, times, data FROM chunk WHERE id >= ?1 AND id < ?2 ORDER BY id");
      rows.bind(1, from).bind(2, to);
      while (rows.step()) {
        next = rows.integer(0) + 1;
        load_times(rows.integer(1));
        if (times_.empty() || !fn(rows.integer(0), times_, rows.blob(2))) ++lost;
      }
    });
    return lost;
  }
  Compressor& compressor() { return compressor_; }

 private:
  void load_times(std::int64_t id) {
    if (id == times_id_) return;
    times_id_ = id;
    times_.clear();
    try {
      Statement row = database_.prepare("SELECT data FROM times WHERE id = ?1");
      if (!row.bind(1, id).step()) return;
      if (auto found = decode_times(row.blob(0), compressor_)) times_ = std::move(*found);
    } catch (const SqlError& error) {
      if (!error.damaged()) throw;
    }
    if (!std::is_sorted(times_.begin(), times_.end())) times_.clear();
  }

  const Database& database_;
  std::uint64_t patience_ = kPatience;
  Compressor compressor_;
  std::int64_t times_id_ = -1;
  std::vector<std::int64_t> times_;
};

}  // namespace

std::uint64_t salvage_raw(const Database& database, std::int64_t week_ns, const std::set<SeriesId>& series,
                          const SamplesFn& fn) {
  ChunkScan scan(database);
  std::uint64_t lost = 0;
  for (std::int64_t hour = week_ns; hour < week_ns + kWeek; hour += kHour) {
    lost += scan.period(hour / kHour, series, [&](std::int64_t key, const auto& times, ByteView block) {
      const auto values = decode_values(block, scan.compressor());
      if (!values || values->size() != times.size() || times.front() < hour || times.back() >= hour + kHour)
        return false;
      std::vector<TimedValue> samples;
      for (std::size_t i = 0; i < times.size(); ++i) samples.push_back({times[i], (*values)[i]});
      fn(hour, split_chunk_key(key, kHour).series, std::move(samples));
      return true;
    });
  }
  return lost;
}

std::uint64_t salvage_minutes(const Database& database, std::int64_t month_ns, const std::set<SeriesId>& series,
                              const MinutesFn& fn) {
  ChunkScan scan(database);
  std::uint64_t lost = 0;
  for (std::int64_t day = month_ns; day < next_month(month_ns); day += kDay) {
    lost += scan.period(day / kDay, series, [&](std::int64_t key, const auto& minutes, ByteView block) {
      auto columns = decode_minutes(block, scan.compressor());
      const bool fits =
          columns && columns->size() == minutes.size() && minutes.front() >= 0 && minutes.back() < kDay / kMinute;
      if (!fits) return false;
      DayOfMinutes part;
      for (const std::int64_t minute : minutes) part.times.push_back(day + minute * kMinute);
      part.columns = std::move(*columns);
      fn(day, split_chunk_key(key, kDay).series, part);
      return true;
    });
  }
  return lost;
}

namespace {

// What there is of layouts and runs. Both are few, and are read one by one where they cannot be read together.
std::map<std::int64_t, std::vector<SeriesId>> salvage_runs(const Database& database) {
  constexpr std::int64_t kMost = 65'536;
  std::uint64_t patience = kPatience;
  std::vector<std::int64_t> bounds;
  bounds.reserve(kMost + 1);
  for (std::int64_t id = 0; id <= kMost; ++id) bounds.push_back(id);
  std::map<std::int64_t, std::vector<SeriesId>> layouts;
  read_around_damage(bounds, patience, [&](std::int64_t from, std::int64_t to, std::int64_t& next) {
    Statement rows = database.prepare("SELECT id, series FROM layout WHERE id >= ?1 AND id < ?2 ORDER BY id");
    rows.bind(1, from).bind(2, to);
    while (rows.step()) {
      next = rows.integer(0) + 1;
      std::vector<SeriesId> series;
      if (decode_layout(rows.blob(1), series)) layouts.emplace(rows.integer(0), std::move(series));
    }
  });
  std::map<std::int64_t, std::vector<SeriesId>> runs;
  read_around_damage(bounds, patience, [&](std::int64_t from, std::int64_t to, std::int64_t& next) {
    Statement rows = database.prepare("SELECT id, layout FROM run WHERE id >= ?1 AND id < ?2 ORDER BY id");
    rows.bind(1, from).bind(2, to);
    while (rows.step()) {
      next = rows.integer(0) + 1;
      if (const auto layout = layouts.find(rows.integer(1)); layout != layouts.end()) {
        runs.emplace(rows.integer(0), layout->second);
      }
    }
  });
  return runs;
}

}  // namespace

std::uint64_t salvage_hot(const Database& database, std::int64_t hour_ns, const SamplesFn& fn) {
  const std::map<std::int64_t, std::vector<SeriesId>> runs = salvage_runs(database);
  struct Chain {
    std::int64_t frame = -1;
    std::vector<std::uint64_t> values;
  };
  std::map<std::int64_t, Chain> chains;  // by run
  std::map<SeriesId, std::vector<TimedValue>> samples;
  TickDecoder decoder;
  std::uint64_t lost = 0;
  std::vector<std::int64_t> bounds;
  for (std::int64_t at = 0; at <= kHour; at += kTickBound) bounds.push_back(at << kTickSequenceBits);
  std::int64_t last_key = -1;
  std::uint64_t patience = kPatience;
  lost += read_around_damage(bounds, patience, [&](std::int64_t from, std::int64_t to, std::int64_t& next) {
    Statement rows = database.prepare("SELECT id, run, frame, data FROM tick WHERE id >= ?1 AND id < ?2 ORDER BY id");
    rows.bind(1, from).bind(2, to);
    while (rows.step()) {
      const std::int64_t key = rows.integer(0);
      next = key + 1;
      if (key <= last_key) continue;  // read before, by a range that then failed
      last_key = key;
      const auto run = runs.find(rows.integer(1));
      if (run == runs.end()) {
        ++lost;
        continue;
      }
      Chain& chain = chains[rows.integer(1)];
      const std::int64_t frame = rows.integer(2);
      if (frame == 0) chain.values.clear();
      if ((frame != 0 && (chain.frame < 0 || frame != chain.frame + 1)) ||
          !decoder.decode(rows.blob(3), run->second.size(), chain.values)) {
        chain.frame = -1;
        ++lost;
        continue;
      }
      chain.frame = frame;
      const std::int64_t time = hour_ns + (key >> kTickSequenceBits);
      for (std::size_t i = 0; i < run->second.size(); ++i) {
        samples[run->second[i]].push_back({time, std::bit_cast<double>(chain.values[i])});
      }
    }
  });
  for (auto& [id, some] : samples) fn(hour_ns, id, std::move(some));
  return lost;
}

}  // namespace picket::perf_database
