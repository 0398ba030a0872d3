// SPDX-License-Identifier: Apache-2.0
#include "routing/spool/offline.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "platform/file_lock.hpp"
#include "routing/event_json.hpp"
#include "routing/spool/dead_letters.hpp"

namespace picket::routing::spool {
namespace {

constexpr std::uint32_t kNamesOfFiles = 1U << 20U;  // an operator's own files may have more names than a daemon takes
constexpr std::uint64_t kLettersNamed = 20;         // of one file
constexpr std::uint32_t kRetryEvents = 1'000;       // of one batch

std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    files.push_back(entry->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool has_suffix(const std::string& name, const char* suffix) {
  return name.ends_with(suffix);
}

bool is_set_aside_spool(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  return name.starts_with(std::string(kSpoolFile) + ".") && !has_suffix(name, "-wal") && !has_suffix(name, "-shm");
}

// The older file first.
std::vector<std::filesystem::path> letter_files(const SpoolSummary& spool) {
  std::vector<std::filesystem::path> files;
  std::error_code ignored;
  for (const char* name : {kOlderLettersFile, kLettersFile}) {
    if (std::filesystem::exists(spool.dead / name, ignored)) files.push_back(spool.dead / name);
  }
  return files;
}

// A line of a file of dead letters.
struct LetterLine {
  std::uint64_t number = 0;  // from 1
  std::string text;
  std::string event;  // empty: the line is no letter
};

// Calls `visit` with each line; it returns false to end.
Result<void> visit_letters(const std::filesystem::path& file, const std::function<bool(const LetterLine&)>& visit) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Error{"cannot read " + file.string(), PICKET_FAILED};
  LetterLine line;
  while (std::getline(in, line.text)) {
    ++line.number;
    if (line.text.empty()) continue;
    const auto letter = nlohmann::json::parse(line.text, nullptr, false);
    const bool whole = letter.is_object() && letter.contains("event") && letter["event"].is_object();
    line.event = whole ? letter["event"].dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) : "";
    if (!visit(line)) break;
  }
  return {};
}

EventJsonOptions letter_options() {
  EventJsonOptions all;
  all.names = NamePolicy::intern;
  all.keep_sequence = true;
  return all;
}

void verify_letters(const std::filesystem::path& file, Names& names, std::vector<std::string>& problems) {
  EventJsonReader reader(names, letter_options());
  std::uint64_t damaged = 0;
  const auto visited = visit_letters(file, [&](const LetterLine& line) {
    std::string problem = line.event.empty() ? "this is no dead letter" : "";
    if (problem.empty()) {
      if (const auto read = reader.read(line.event); !read.ok()) problem = read.error().message;
    }
    if (!problem.empty() && ++damaged <= kLettersNamed) {
      problems.push_back(file.string() + ":" + std::to_string(line.number) + ": " + problem);
    }
    return true;
  });
  if (damaged > kLettersNamed) {
    problems.push_back(file.string() + ": and " + std::to_string(damaged - kLettersNamed) + " more lines");
  }
  if (!visited.ok()) problems.push_back(visited.error().message);
}

void summarise(const std::filesystem::path& state_dir, SpoolSummary& spool) {
  std::error_code ignored;
  spool.folder = destination_folder(state_dir / kSpoolFolder, spool.route, spool.destination);
  spool.dead = destination_folder(state_dir / kDeadFolder, spool.route, spool.destination);
  for (const auto& file : letter_files(spool)) spool.letter_bytes += std::filesystem::file_size(file, ignored);
  for (const auto& file : files_in(spool.folder / kSetAside)) {
    const std::string name = file.filename().string();
    if (!has_suffix(name, "-wal") && !has_suffix(name, "-shm")) spool.set_aside.push_back(file);
  }
  if (std::filesystem::exists(spool.folder / kSpoolLock, ignored)) {
    const auto lock = platform::FileLock::acquire(spool.folder / kSpoolLock);
    if (!lock.ok() && lock.error().status == PICKET_REFUSED) spool.holder = lock.error().message;
  }
  if (!std::filesystem::exists(spool.folder / kSpoolFile, ignored)) return;
  Names names(kNamesOfFiles);
  const auto looked = visit_spool(spool.folder / kSpoolFile, names, false, [&](const Visited& visited) {
    ++spool.count.batches;
    spool.count.events += visited.events;
    spool.count.bytes += visited.bytes;
    return true;
  });
  if (!looked.ok()) spool.problem = looked.error().message;
}

// Collects events into batches and writes them at the end of a spool.
class Refill {
 public:
  Refill(SpoolStore& store, Names& names) : store_(store), names_(names) {}

  // False: the text is no event.
  bool add(std::string_view event) {
    auto batch = reader_.read(event);
    if (!batch.ok()) return false;
    batches_.push_back(std::move(batch).value());
    return true;
  }
  void add(BatchRef batch) { batches_.push_back(std::move(batch)); }
  bool due() const { return batches_.size() >= kRetryEvents; }

  Result<void> flush() {
    std::vector<NewBatch> items;
    std::uint64_t ordinal = store_.next_ordinal();
    items.reserve(batches_.size());
    for (const BatchRef& batch : batches_)
      items.push_back({ordinal++, batch.get(), nullptr, batch->event_count, false});
    std::vector<std::size_t> unfit;
    if (auto written = store_.write(items, unfit); !written.ok()) return written;
    for (const NewBatch& item : items) events_ += item.count;
    for (const std::size_t position : unfit) events_ -= items[position].count;
    batches_.clear();
    return {};
  }
  std::uint64_t events() const { return events_; }

 private:
  SpoolStore& store_;
  Names& names_;
  EventJsonReader reader_{names_, letter_options()};
  std::vector<BatchRef> batches_;
  std::uint64_t events_ = 0;
};

Result<void> retry_letters(const SpoolSummary& spool, Refill& refill, Retried& retried) {
  for (const auto& file : letter_files(spool)) {
    std::string unread;
    Result<void> problem;
    auto visited = visit_letters(file, [&](const LetterLine& line) {
      if (line.event.empty() || !refill.add(line.event)) {
        ++retried.skipped;
        unread += line.text + "\n";
      }
      if (refill.due()) problem = refill.flush();
      return problem.ok();
    });
    if (!visited.ok()) return visited;
    if (problem.ok()) problem = refill.flush();
    if (!problem.ok()) return problem;
    std::error_code error;
    if (unread.empty()) {
      std::filesystem::remove(file, error);
    } else {
      std::ofstream(file, std::ios::binary | std::ios::trunc) << unread;
    }
    if (error) return Error{"cannot remove " + file.string() + ": " + error.message(), PICKET_FAILED};
  }
  return {};
}

Result<void> retry_set_aside(const SpoolSummary& spool, Names& names, Refill& refill, Retried& retried) {
  for (const auto& file : spool.set_aside) {
    if (!is_set_aside_spool(file)) {
      ++retried.skipped;
      continue;
    }
    Result<void> problem;
    const auto visited = visit_spool(file, names, true, [&](const Visited& each) {
      if (each.batch) {
        refill.add(each.batch);
      } else {
        ++retried.skipped;
      }
      if (refill.due()) problem = refill.flush();
      return problem.ok();
    });
    if (problem.ok()) problem = refill.flush();
    if (!problem.ok()) return problem;
    if (!visited.ok()) {
      ++retried.skipped;
      continue;  // stays where it is: there may be more in it than we can read
    }
    std::error_code ignored;
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + suffix, ignored);
  }
  return {};
}

}  // namespace

std::vector<SpoolSummary> list_spools(const std::filesystem::path& state_dir, const std::string& route,
                                      const std::string& destination) {
  std::map<std::pair<std::string, std::string>, SpoolSummary> all;
  for (const char* root : {kSpoolFolder, kDeadFolder}) {
    for (const DestinationFolder& folder : list_destination_folders(state_dir / root)) {
      if ((!route.empty() && folder.route != route) || (!destination.empty() && folder.destination != destination)) {
        continue;
      }
      SpoolSummary& spool = all[{folder.route, folder.destination}];
      spool.route = folder.route;
      spool.destination = folder.destination;
    }
  }
  std::vector<SpoolSummary> list;
  for (auto& [names, spool] : all) {
    summarise(state_dir, spool);
    list.push_back(std::move(spool));
  }
  return list;
}

std::vector<std::string> verify_spool(const SpoolSummary& spool) {
  std::vector<std::string> problems;
  std::error_code ignored;
  Names names(kNamesOfFiles);
  for (const auto& file : letter_files(spool)) verify_letters(file, names, problems);
  if (!std::filesystem::exists(spool.folder / kSpoolFile, ignored)) return problems;
  const auto looked = visit_spool(spool.folder / kSpoolFile, names, true, [&](const Visited& visited) {
    if (!visited.problem.empty()) {
      problems.push_back("batch " + std::to_string(visited.ordinal) + " of " + std::to_string(visited.events) +
                         " events: " + visited.problem);
    }
    return true;
  });
  if (!looked.ok()) problems.push_back(looked.error().message);
  return problems;
}

Result<std::uint64_t> export_spool(const SpoolSummary& spool, const Parts& parts,
                                   const std::function<bool(std::string_view event)>& visit) {
  std::uint64_t unread = 0;
  bool go_on = true;
  Names names(kNamesOfFiles);
  const auto give = [&](const Visited& visited) {
    if (!visited.batch) {
      ++unread;
      return true;
    }
    for (std::uint32_t i = 0; i < visited.batch->event_count && go_on; ++i) {
      go_on = visit(event_json(*visited.batch, visited.batch->events[i], names));
    }
    return go_on;
  };
  if (parts.dead) {
    for (const auto& file : letter_files(spool)) {
      const auto visited = visit_letters(file, [&](const LetterLine& line) {
        if (line.event.empty()) {
          ++unread;
        } else {
          go_on = visit(line.event);
        }
        return go_on;
      });
      if (!visited.ok()) return visited.error();
    }
  }
  if (parts.set_aside) {
    for (const auto& file : spool.set_aside) {
      if (!go_on) break;
      if (!is_set_aside_spool(file) || !visit_spool(file, names, true, give).ok()) ++unread;
    }
  }
  std::error_code ignored;
  if (parts.backlog && go_on && std::filesystem::exists(spool.folder / kSpoolFile, ignored)) {
    const auto visited = visit_spool(spool.folder / kSpoolFile, names, true, give);
    if (!visited.ok()) return visited.error();
  }
  return unread;
}

Result<Retried> retry_spool(const SpoolSummary& spool, const Parts& parts) {
  Names names(kNamesOfFiles);
  auto store = SpoolStore::open(spool.folder, names);
  if (!store.ok()) return store.error();
  Retried retried;
  Refill refill(**store, names);
  Result<void> done;
  if (parts.dead) done = retry_letters(spool, refill, retried);
  if (done.ok() && parts.set_aside) done = retry_set_aside(spool, names, refill, retried);
  if (!done.ok()) return done.error();
  retried.events = refill.events();
  return retried;
}

Result<std::uint64_t> drop_spool(const SpoolSummary& spool, const Parts& parts) {
  std::error_code error;
  const auto remove = [&](const std::filesystem::path& path) -> Result<void> {
    std::filesystem::remove_all(path, error);
    if (error) return Error{"cannot remove " + path.string() + ": " + error.message(), PICKET_FAILED};
    return {};
  };
  Result<void> done;
  std::uint64_t events = 0;
  if ((parts.backlog || parts.set_aside) && std::filesystem::exists(spool.folder, error)) {
    const auto lock = platform::FileLock::acquire(spool.folder / kSpoolLock);
    if (!lock.ok()) return lock.error();
    for (const char* suffix : {"", "-wal", "-shm"}) {
      if (parts.backlog && done.ok()) done = remove(spool.folder / (std::string(kSpoolFile) + suffix));
    }
    if (parts.backlog) events = spool.count.events;
    if (parts.set_aside && done.ok()) done = remove(spool.folder / kSetAside);
  }
  if (parts.dead && done.ok()) {
    for (const auto& file : letter_files(spool)) {
      if (done.ok()) done = remove(file);
    }
  }
  if (!done.ok()) return done.error();
  // Folders of which nothing is left go, too; others stay.
  for (const std::filesystem::path& folder : {spool.folder, spool.dead}) {
    std::error_code ignored;
    const auto left = files_in(folder);
    if (left.size() == 1 && left.front().filename() == kSpoolLock) std::filesystem::remove(left.front(), ignored);
    if (files_in(folder).empty()) std::filesystem::remove(folder, ignored);
    if (files_in(folder.parent_path()).empty()) std::filesystem::remove(folder.parent_path(), ignored);
  }
  return events;
}

}  // namespace picket::routing::spool
