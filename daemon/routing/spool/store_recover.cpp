// SPDX-License-Identifier: Apache-2.0
//
// A file that is damaged: set aside as it is, and what can still be read of it taken over. And the look of an operator
// at a spool that somebody else may be using.
#include <algorithm>
#include <fstream>
#include <set>

#include "routing/spool/checksum.hpp"
#include "routing/spool/store.hpp"

namespace picket::routing::spool {
namespace {

constexpr std::uint64_t kSalvageRound = 8ULL << 20U;  // bytes of one transaction

// A name in `folder` that is not taken, beginning with the file's own.
std::filesystem::path free_name(const std::filesystem::path& folder, const std::string& name) {
  std::error_code ignored;
  for (int number = 1;; ++number) {
    std::filesystem::path candidate = folder / (name + "." + std::to_string(number));
    if (!std::filesystem::exists(candidate, ignored)) return candidate;
  }
}

std::filesystem::path with_suffix(std::filesystem::path path, const char* suffix) {
  path += suffix;
  return path;
}

// The ordinals of a table, as far as it can be read from either end.
void collect_ordinals(Database& database, const char* table, std::set<std::uint64_t>& into) {
  for (const char* order : {"", " DESC"}) {
    auto query = database.prepare((std::string("SELECT ordinal FROM ") + table + " ORDER BY ordinal" + order).c_str());
    if (!query.ok()) return;
    for (;;) {
      const auto row = query->step();
      if (row.ok() && !*row) return;  // whole
      if (!row.ok()) break;
      into.insert(static_cast<std::uint64_t>(query->integer(0)));
    }
  }
}

}  // namespace

Result<void> SpoolStore::recover(const Error& problem) {
  for (Query* query : {&insert_batch_, &insert_data_, &erase_batch_, &erase_data_, &next_, &data_}) *query = Query();
  database_.reset();
  const std::filesystem::path folder = directory_ / kSetAside;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return Error{"cannot make " + folder.string() + ": " + error.message(), PICKET_FAILED};
  const std::filesystem::path file = directory_ / kSpoolFile;
  const std::filesystem::path aside = free_name(folder, kSpoolFile);
  std::filesystem::rename(file, aside, error);
  if (error) {
    return Error{"cannot set the damaged " + file.string() + " aside: " + error.message(), PICKET_FAILED};
  }
  std::error_code ignored;  // they need not be there
  std::filesystem::rename(with_suffix(file, "-wal"), with_suffix(aside, "-wal"), ignored);
  std::filesystem::remove(with_suffix(file, "-shm"), ignored);
  const std::uint64_t waited = waiting_.events;
  if (const auto opened = open_database(); !opened.ok()) return Error{opened.error().message, PICKET_FAILED};
  auto salvaged = salvage(aside);
  if (const auto counted = count(); !counted.ok()) return Error{counted.error().message, PICKET_FAILED};
  if (waited > waiting_.events) lost_ += waited - waiting_.events;
  released_.clear();  // they were not taken over
  report_.push_back("the spool was damaged (" + problem.message + "); it was set aside as " + aside.string() +
                    ", and " + std::to_string(waiting_.events) + " events of it could still be read");
  return salvaged;
}

Result<void> SpoolStore::salvage(const std::filesystem::path& from) {
  auto opened = Database::open(from, OpenMode::read_only);
  if (!opened.ok()) return {};  // nothing can be read
  std::set<std::uint64_t> ordinals;
  collect_ordinals(**opened, "batch", ordinals);
  collect_ordinals(**opened, "data", ordinals);
  auto data = (*opened)->prepare("SELECT crc, bytes FROM data WHERE ordinal = ?");
  if (!data.ok()) return {};
  const std::set<std::uint64_t> gone(released_.begin(), released_.end());
  std::uint64_t in_round = 0;
  bool begun = false;
  const auto end_round = [&]() -> Result<void> {
    in_round = 0;
    if (!std::exchange(begun, false)) return {};
    return database_->execute("COMMIT");
  };
  for (const std::uint64_t ordinal : ordinals) {
    if (ordinal == 0 || ordinal > kMaxOrdinal || gone.contains(ordinal) ||
        (ordinal < next_load_ && !held_.contains(ordinal)))
      continue;
    const auto row = data->bind(1, static_cast<std::int64_t>(ordinal)).step();
    if (!row.ok() || !*row) continue;
    const std::string bytes(data->blob(1));
    const bool whole = crc32c(bytes) == static_cast<std::uint32_t>(data->integer(0));
    const std::int64_t crc = data->integer(0);
    data->reset();
    if (!whole) continue;
    const auto batch = decode_batch(bytes, names_);
    if (!batch.ok()) continue;
    if (!begun) {
      if (auto done = database_->execute("BEGIN IMMEDIATE"); !done.ok()) return done;
      begun = true;
    }
    auto done = insert_batch_.bind(1, static_cast<std::int64_t>(ordinal))
                    .bind(2, std::int64_t{(*batch)->event_count})
                    .bind(3, static_cast<std::int64_t>(bytes.size()))
                    .run();
    if (done.ok()) {
      done =
          insert_data_.bind(1, static_cast<std::int64_t>(ordinal)).bind(2, crc).bind(3, std::string_view(bytes)).run();
    }
    in_round += bytes.size();
    if (done.ok() && in_round >= kSalvageRound) done = end_round();
    if (!done.ok()) {
      static_cast<void>(database_->execute("ROLLBACK"));
      return Error{done.error().message, PICKET_FAILED};
    }
  }
  return end_round();
}

// One batch whose content is bad in a file that is good.
Result<void> SpoolStore::set_row_aside(std::uint64_t ordinal, const std::string& why) {
  const std::filesystem::path folder = directory_ / kSetAside;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const std::filesystem::path aside = free_name(folder, "batch-" + std::to_string(ordinal));
  data_.reset();
  if (const auto row = data_.bind(1, static_cast<std::int64_t>(ordinal)).step(); row.ok() && *row) {
    std::ofstream out(aside, std::ios::binary);
    const std::string_view bytes = data_.blob(1);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  data_.reset();
  released_.push_back(ordinal);
  report_.push_back("batch " + std::to_string(ordinal) + " of the spool was damaged (" + why +
                    "); it was set aside as " + aside.string());
  return {};
}

Result<void> visit_spool(const std::filesystem::path& file, Names& names, bool with_content,
                         const std::function<bool(const Visited&)>& visit) {
  auto opened = Database::open(file, OpenMode::read_only);
  if (!opened.ok()) return opened.error();
  if (auto begun = (*opened)->execute("BEGIN"); !begun.ok()) return begun;  // one moment, whoever writes meanwhile
  auto rows = (*opened)->prepare("SELECT ordinal, events, size FROM batch ORDER BY ordinal");
  if (!rows.ok()) return rows.error();
  auto data = (*opened)->prepare("SELECT crc, bytes FROM data WHERE ordinal = ?");
  if (!data.ok()) return data.error();
  for (;;) {
    const auto row = rows->step();
    if (!row.ok()) return row.error();
    if (!*row) return {};
    Visited visited;
    visited.ordinal = static_cast<std::uint64_t>(rows->integer(0));
    visited.events = static_cast<std::uint64_t>(rows->integer(1));
    visited.bytes = static_cast<std::uint64_t>(rows->integer(2));
    if (with_content) {
      const auto content = data->bind(1, static_cast<std::int64_t>(visited.ordinal)).step();
      if (!content.ok()) {
        visited.problem = content.error().message;
      } else if (!*content) {
        visited.problem = "its content is missing";
      } else if (crc32c(data->blob(1)) != static_cast<std::uint32_t>(data->integer(0))) {
        visited.problem = "its checksum is wrong";
      } else if (auto batch = decode_batch(data->blob(1), names); !batch.ok()) {
        visited.problem = batch.error().message;
      } else if ((*batch)->event_count != visited.events) {
        visited.problem = "it has another number of events";
      } else {
        visited.batch = std::move(batch).value();
      }
      data->reset();
    }
    if (!visit(visited)) {
      rows->reset();
      return {};
    }
  }
}

}  // namespace picket::routing::spool
