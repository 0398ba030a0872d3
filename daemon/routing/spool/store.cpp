// SPDX-License-Identifier: Apache-2.0
//
// Writing, loading and releasing. What happens to a file that is damaged is in store_recover.cpp.
#include "routing/spool/store.hpp"

#include <algorithm>
#include <optional>

#include "routing/spool/checksum.hpp"

namespace picket::routing::spool {
namespace {

// Pages: large enough for the rate of batches of some KiB and more, small enough that a stream of single events, each
// in a transaction of its own, does not write a hundred times what it keeps.
// The log is copied into the file, and begun anew, every 8 MiB.
constexpr const char* kSettings =
    "PRAGMA page_size=16384; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=512; PRAGMA "
    "journal_size_limit=16777216;"
    "PRAGMA cache_size=-1024; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;";
constexpr const char* kTables =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE IF NOT EXISTS batch(ordinal INTEGER PRIMARY KEY, events INTEGER NOT NULL, size INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS data(ordinal INTEGER PRIMARY KEY, crc INTEGER NOT NULL, bytes BLOB NOT NULL);"
    "PRAGMA user_version=1; PRAGMA application_id=1346981964;"
    "COMMIT";
constexpr std::int64_t kVersion = 1;
constexpr std::uint64_t kShrinkAfter = 32ULL << 20U;  // bytes written
constexpr std::size_t kLoadBatches = 256;

}  // namespace

SpoolStore::SpoolStore(std::filesystem::path directory, Names& names, platform::FileLock lock)
    : directory_(std::move(directory)), names_(names), lock_(std::move(lock)), encoder_(names) {}

Result<std::unique_ptr<SpoolStore>> SpoolStore::open(const std::filesystem::path& directory, Names& names) {
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error)) {
    std::filesystem::create_directories(directory, error);
    if (error) return Error{"cannot make " + directory.string() + ": " + error.message(), PICKET_FAILED};
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all, error);  // as good as it can
  }
  auto lock = platform::FileLock::acquire(directory / kSpoolLock);
  if (!lock.ok()) return lock.error();
  std::unique_ptr<SpoolStore> store(new SpoolStore(directory, names, std::move(lock).value()));
  if (const auto opened = store->open_database(); !opened.ok()) {
    if (opened.error().status != PICKET_INVALID) return opened.error();
    if (const auto recovered = store->recover(opened.error()); !recovered.ok()) return recovered.error();
  }
  return store;
}

Result<void> SpoolStore::open_database() {
  auto opened = Database::open(directory_ / kSpoolFile, OpenMode::read_write);
  if (!opened.ok()) return opened.error();
  database_ = std::move(opened).value();
  if (auto prepared = prepare(); !prepared.ok()) return prepared;
  return count();
}

Result<void> SpoolStore::prepare() {
  auto set = database_->execute(kSettings);
  if (!set.ok()) return set;
  auto version = database_->prepare("PRAGMA user_version");
  if (!version.ok()) return version.error();
  const auto row = version->step();
  if (!row.ok()) return row.error();
  const std::int64_t found = version->integer(0);
  version->reset();
  if (found != 0 && found != kVersion) {
    return Error{(directory_ / kSpoolFile).string() + ": its version is " + std::to_string(found) +
                     ", this Picket knows version " + std::to_string(kVersion),
                 PICKET_INVALID};
  }
  if (found == 0) {
    if (auto made = database_->execute(kTables); !made.ok()) return made;
  }
  const auto make = [this](Query& query, const char* sql) -> Result<void> {
    auto made = database_->prepare(sql);
    if (!made.ok()) return made.error();
    query = std::move(made).value();
    return {};
  };
  const std::pair<Query*, const char*> all[] = {
      {&insert_batch_, "INSERT INTO batch(ordinal, events, size) VALUES(?, ?, ?)"},
      {&insert_data_, "INSERT INTO data(ordinal, crc, bytes) VALUES(?, ?, ?)"},
      {&erase_batch_, "DELETE FROM batch WHERE ordinal = ?"},
      {&erase_data_, "DELETE FROM data WHERE ordinal = ?"},
      {&next_, "SELECT ordinal, events, size FROM batch WHERE ordinal >= ? ORDER BY ordinal LIMIT ?"},
      {&data_, "SELECT crc, bytes FROM data WHERE ordinal = ?"}};
  for (const auto& [query, sql] : all) {
    if (auto made = make(*query, sql); !made.ok()) return made;
  }
  return {};
}

// What waits: everything from next_load_ on.
Result<void> SpoolStore::count() {
  auto totals = database_->prepare(
      "SELECT count(*), coalesce(sum(events), 0), coalesce(sum(size), 0), coalesce(max(ordinal), 0) FROM batch"
      " WHERE ordinal >= ?");
  if (!totals.ok()) return totals.error();
  const auto row = totals->bind(1, static_cast<std::int64_t>(next_load_)).step();
  if (!row.ok()) return row.error();
  waiting_.batches = static_cast<std::uint64_t>(totals->integer(0));
  waiting_.events = static_cast<std::uint64_t>(totals->integer(1));
  waiting_.bytes = static_cast<std::uint64_t>(totals->integer(2));
  const auto highest = static_cast<std::uint64_t>(totals->integer(3));
  totals->reset();
  if (highest > kMaxOrdinal) {
    return Error{(directory_ / kSpoolFile).string() + ": a batch has an impossible ordinal", PICKET_INVALID};
  }
  next_ordinal_ = std::max(next_ordinal_, highest + 1);
  return {};
}

// Runs `call`; when it finds the file damaged, sets that aside and runs it once more on the new one.
template <typename Call>
auto SpoolStore::guarded(const Call& call) -> decltype(call()) {
  if (!database_) {  // setting aside failed before
    if (const auto opened = open_database(); !opened.ok()) {
      if (opened.error().status != PICKET_INVALID) return opened.error();
      if (const auto recovered = recover(opened.error()); !recovered.ok()) return recovered.error();
    }
  }
  auto result = call();
  if (result.ok() || result.error().status != PICKET_INVALID) return result;
  if (const auto recovered = recover(result.error()); !recovered.ok()) return recovered.error();
  return call();
}

// --- writing -------------------------------------------------------------------------------------------------------

Result<void> SpoolStore::write(std::span<const NewBatch> batches, std::vector<std::size_t>& unfit) {
  std::vector<StoreCount> sizes;
  const std::size_t unfit_before = unfit.size();
  auto written = guarded([&]() -> Result<void> {
    sizes.assign(batches.size(), {});
    unfit.resize(unfit_before);
    if (auto begun = database_->execute("BEGIN IMMEDIATE"); !begun.ok()) return begun;
    Result<void> done = erase_released();
    if (done.ok()) done = insert(batches, unfit, sizes);
    if (done.ok()) done = database_->execute("COMMIT");
    if (!done.ok()) static_cast<void>(database_->execute("ROLLBACK"));  // may have happened by itself
    return done;
  });
  if (!written.ok()) return written;
  released_.clear();
  for (std::size_t i = 0; i < batches.size(); ++i) {
    if (sizes[i].batches == 0) continue;
    const NewBatch& item = batches[i];
    grown_ += sizes[i].bytes;
    next_ordinal_ = std::max(next_ordinal_, item.ordinal + 1);
    if (item.held) {
      held_.emplace(item.ordinal, sizes[i].bytes);
      held_bytes_ += sizes[i].bytes;
      next_load_ = std::max(next_load_, item.ordinal + 1);
    } else {
      ++waiting_.batches;
      waiting_.events += item.count;
      waiting_.bytes += sizes[i].bytes;
    }
  }
  return {};
}

Result<void> SpoolStore::insert(std::span<const NewBatch> batches, std::vector<std::size_t>& unfit,
                                std::vector<StoreCount>& sizes) {
  for (std::size_t i = 0; i < batches.size(); ++i) {
    const NewBatch& item = batches[i];
    buffer_.clear();
    if (!encoder_.encode(*item.batch, item.selection, item.count, buffer_).ok()) {
      unfit.push_back(i);
      continue;
    }
    const auto ordinal = static_cast<std::int64_t>(item.ordinal);
    auto done = insert_batch_.bind(1, ordinal)
                    .bind(2, static_cast<std::int64_t>(item.count))
                    .bind(3, static_cast<std::int64_t>(buffer_.size()))
                    .run();
    if (!done.ok()) return done;
    done =
        insert_data_.bind(1, ordinal).bind(2, std::int64_t{crc32c(buffer_)}).bind(3, std::string_view(buffer_)).run();
    if (!done.ok()) return done;
    sizes[i] = {1, item.count, buffer_.size()};
  }
  return {};
}

Result<void> SpoolStore::erase_released() {
  for (const std::uint64_t ordinal : released_) {
    auto done = erase_batch_.bind(1, static_cast<std::int64_t>(ordinal)).run();
    if (done.ok()) done = erase_data_.bind(1, static_cast<std::int64_t>(ordinal)).run();
    if (!done.ok()) return done;
  }
  return {};
}

void SpoolStore::release(std::uint64_t ordinal) {
  const auto found = held_.find(ordinal);
  if (found == held_.end()) return;
  held_bytes_ -= found->second;
  held_.erase(found);
  released_.push_back(ordinal);
}

Result<void> SpoolStore::commit() {
  if (!released_.empty()) {
    auto done = guarded([&]() -> Result<void> {
      if (auto begun = database_->execute("PRAGMA synchronous=NORMAL; BEGIN IMMEDIATE"); !begun.ok()) return begun;
      Result<void> erased = erase_released();
      if (erased.ok()) erased = database_->execute("COMMIT");
      if (!erased.ok()) static_cast<void>(database_->execute("ROLLBACK"));
      static_cast<void>(database_->execute("PRAGMA synchronous=FULL"));
      return erased;
    });
    if (!done.ok()) return done;
    released_.clear();
  }
  return waiting_.batches == 0 && held_.empty() && grown_ > kShrinkAfter ? shrink() : Result<void>{};
}

// Gives the room of a backlog that is over back to the file system.
Result<void> SpoolStore::shrink() {
  grown_ = 0;
  return guarded([&]() -> Result<void> { return database_->execute("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)"); });
}

// --- loading -------------------------------------------------------------------------------------------------------

Result<std::vector<StoredBatch>> SpoolStore::load(std::uint64_t max_bytes) {
  return guarded([&] { return load_some(max_bytes); });
}

Result<std::vector<StoredBatch>> SpoolStore::load_some(std::uint64_t max_bytes) {
  struct Row {
    std::uint64_t ordinal, events, bytes;
  };
  std::vector<Row> rows;
  next_.bind(1, static_cast<std::int64_t>(next_load_)).bind(2, static_cast<std::int64_t>(kLoadBatches));
  for (std::uint64_t bytes = 0;;) {
    const auto row = next_.step();
    if (!row.ok()) return row.error();
    if (!*row) break;
    const auto ordinal = static_cast<std::uint64_t>(next_.integer(0));
    if (ordinal < (rows.empty() ? next_load_ : rows.back().ordinal + 1) || ordinal > kMaxOrdinal) {
      next_.reset();
      return Error{(directory_ / kSpoolFile).string() + ": its batches are out of order", PICKET_INVALID};
    }
    bytes += static_cast<std::uint64_t>(next_.integer(2));
    if (!rows.empty() && bytes > max_bytes) {
      next_.reset();
      break;
    }
    rows.push_back(
        {ordinal, static_cast<std::uint64_t>(next_.integer(1)), static_cast<std::uint64_t>(next_.integer(2))});
  }
  std::vector<StoredBatch> loaded;
  for (const Row& row : rows) {
    auto batch = read(row.ordinal);
    if (!batch.ok()) {
      // What was loaded already is not lost with it: the next load begins behind it.
      if (loaded.empty()) return batch.error();
      break;
    }
    const bool whole = batch->has_value() && (**batch)->event_count == row.events;
    if (batch->has_value() && !whole) {
      if (const auto aside = set_row_aside(row.ordinal, "it has another number of events"); !aside.ok())
        return aside.error();
    }
    next_load_ = row.ordinal + 1;
    --waiting_.batches;
    waiting_.events -= row.events;
    waiting_.bytes -= row.bytes;
    if (!whole) {
      lost_ += row.events;
      continue;
    }
    held_.emplace(row.ordinal, row.bytes);
    held_bytes_ += row.bytes;
    loaded.push_back({row.ordinal, std::move(**batch)});
  }
  return loaded;
}

// Nothing when the batch was damaged, and has been set aside.
Result<std::optional<BatchRef>> SpoolStore::read(std::uint64_t ordinal) {
  const auto row = data_.bind(1, static_cast<std::int64_t>(ordinal)).step();
  if (!row.ok()) return row.error();
  std::string problem = "its content is missing";
  if (*row) {
    const std::string_view bytes = data_.blob(1);
    if (crc32c(bytes) == static_cast<std::uint32_t>(data_.integer(0))) {
      auto batch = decode_batch(bytes, names_);
      if (batch.ok() || batch.error().status == PICKET_LIMIT) data_.reset();
      if (batch.ok()) return std::optional<BatchRef>(std::move(batch).value());
      if (batch.error().status == PICKET_LIMIT) return batch.error();
      problem = batch.error().message;
    } else {
      problem = "its checksum is wrong";
    }
  }
  if (const auto aside = set_row_aside(ordinal, problem); !aside.ok()) return aside.error();
  return std::optional<BatchRef>();
}

Result<std::uint64_t> SpoolStore::drop_oldest() {
  return guarded([&]() -> Result<std::uint64_t> {
    const auto row = next_.bind(1, static_cast<std::int64_t>(next_load_)).bind(2, std::int64_t{1}).step();
    if (!row.ok()) return row.error();
    if (!*row) return std::uint64_t{0};
    const auto ordinal = static_cast<std::uint64_t>(next_.integer(0));
    const auto events = static_cast<std::uint64_t>(next_.integer(1));
    const auto bytes = static_cast<std::uint64_t>(next_.integer(2));
    next_.reset();
    next_load_ = ordinal + 1;
    --waiting_.batches;
    waiting_.events -= events;
    waiting_.bytes -= bytes;
    released_.push_back(ordinal);
    return events;
  });
}

}  // namespace picket::routing::spool
