// SPDX-License-Identifier: Apache-2.0
#include "files.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "directory.hpp"
#include "schema.hpp"

namespace picket::perf_database {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 2> kCompanions = {"-wal", "-shm"};

fs::path with(const fs::path& file, const std::string& suffix) {
  fs::path out = file;
  out += suffix;
  return out;
}

}  // namespace

Listing list_files(const fs::path& directory) {
  Listing listing;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
    const std::string name = path_text(entry.path().filename());
    if (const auto hot = hot_file_hour(name)) {
      listing.hot.push_back({entry.path(), hot->hour_ns, hot->generation});
    } else if (const auto week = raw_file_week(name)) {
      listing.raw.emplace(*week, entry.path());
    } else if (const auto month = minute_file_month(name)) {
      listing.minute.emplace(*month, entry.path());
    } else if (name.ends_with(kDamaged)) {
      listing.damaged.push_back(entry.path());
    }
  }
  std::sort(listing.hot.begin(), listing.hot.end(), [](const HotPart& a, const HotPart& b) {
    return std::pair(a.hour_ns, a.generation) < std::pair(b.hour_ns, b.generation);
  });
  std::sort(listing.damaged.begin(), listing.damaged.end());
  return listing;
}

std::uint64_t directory_bytes(const fs::path& directory) {
  std::uint64_t bytes = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
    // Those are memory of whoever has the database open.
    if (path_text(entry.path().filename()).ends_with("-shm")) continue;
    std::error_code gone;  // files come and go while we look
    const std::uint64_t size = entry.file_size(gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

std::uint64_t file_bytes(const fs::path& file) {
  std::uint64_t bytes = 0;
  for (const fs::path& part : {file, with(file, "-wal")}) {
    std::error_code gone;
    const std::uint64_t size = fs::file_size(part, gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

bool remove_database(const fs::path& file) {
  // The database goes first: a log without one is swept, a database without its log would look whole. Both for good,
  // since the next database of this name must not find a log of this one.
  if (!remove_file(file)) return false;
  sync_directory(file.parent_path());
  for (const char* companion : kCompanions) remove_file(with(file, companion));
  sync_directory(file.parent_path());
  return true;
}

fs::path set_aside(const fs::path& file) {
  fs::path target = with(file, kDamaged);
  for (int i = 1; fs::exists(target); ++i) target = with(file, "." + std::to_string(i) + kDamaged);
  // Named so that renaming both back restores the database as it was. In this order, and the first for good before the
  // second: sweep_orphans() lets a log that was left behind follow its database.
  rename_file(file, target);
  sync_directory(file.parent_path());
  if (fs::exists(with(file, "-wal"))) rename_file(with(file, "-wal"), with(target, "-wal"));
  remove_file(with(file, "-shm"));
  sync_directory(file.parent_path());
  return target;
}

namespace {

// The file of that name which was set aside last, if it lacks its log.
std::optional<fs::path> waits_for_log(const fs::path& file) {
  fs::path last;
  fs::path target = with(file, kDamaged);
  for (int i = 1; fs::exists(target); ++i) {
    last = target;
    target = with(file, "." + std::to_string(i) + kDamaged);
  }
  if (last.empty() || fs::exists(with(last, "-wal"))) return std::nullopt;
  return last;
}

}  // namespace

void sweep_orphans(const fs::path& directory) {
  std::vector<fs::path> orphans;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
    const std::string name = path_text(entry.path().filename());
    if (name.find(std::string(".db") + kUnfinished) != std::string::npos) orphans.push_back(entry.path());
    for (const std::string companion : kCompanions) {
      if (!name.ends_with(".db" + companion)) continue;
      const fs::path database = directory / name.substr(0, name.size() - companion.size());
      if (!fs::exists(database)) orphans.push_back(entry.path());
    }
  }
  for (const fs::path& orphan : orphans) {
    const std::string name = path_text(orphan.filename());
    const bool is_log = name.ends_with("-wal");
    const auto owner = is_log ? waits_for_log(directory / name.substr(0, name.size() - 4)) : std::nullopt;
    if (owner) {
      rename_file(orphan, with(*owner, "-wal"));
    } else {
      remove_file(orphan);
    }
  }
  if (!orphans.empty()) sync_directory(directory);
}

}  // namespace picket::perf_database
