// SPDX-License-Identifier: Apache-2.0
//
// Writes the history that upgrade_test.cpp expects, with the code of today, and keeps what a daemon that is killed
// leaves: hours that are sealed, one that is not, and write-ahead logs. fixtures/README.md says when and how to run it.
#include <cstdio>
#include <filesystem>

#include "store.hpp"
#include "upgrade_content.hpp"

namespace {

namespace fs = std::filesystem;
using namespace picket::perf_database;
using picket::Result;

template <typename T>
void must(const Result<T>& result) {
  if (!result) throw std::runtime_error(result.error().message);
}

void write_content(Store& store, std::int64_t& now) {
  const std::vector<SeriesInfo> series = upgrade::series();
  std::int64_t sealed = 0;
  for (const std::int64_t time : upgrade::times()) {
    now = std::max(now, time);
    if (const std::int64_t hour = floor_to(now - kLateness - 5 * kMinute, kHour); hour != sealed) {
      sealed = hour;
      must(store.maintain(false));
    }
    Tick tick{time, {}};
    for (std::size_t i = 0; i < series.size(); ++i) {
      if (upgrade::has(i, time)) tick.samples.push_back({store.resolve(series[i]).value(), upgrade::value(i, time)});
    }
    must(store.append(store.epoch(), std::span(&tick, 1)));
  }
  must(store.append_events(upgrade::events()));
  must(store.commit());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: perf_database_upgrade_fixture NEW_DIRECTORY\n", stderr);
    return 64;
  }
  const fs::path target = argv[1];
  const fs::path work = fs::path(target) += ".work";
  StoreSettings settings;
  settings.directory = work;
  std::int64_t now = 0;
  Store store(
      settings, [&] { return now; },
      [](std::uint32_t, const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); });
  now = upgrade::kBegin;
  must(store.open());
  write_content(store, now);
  // Copied while the store has them open: as if it was killed now.
  fs::create_directory(target);
  for (const fs::directory_entry& file : fs::directory_iterator(work)) {
    const std::string name = path_text(file.path().filename());
    if (name != "lock" && !name.ends_with("-shm")) fs::copy(file.path(), target / file.path().filename());
  }
  store.close();
  fs::remove_all(work);
  return 0;
}
