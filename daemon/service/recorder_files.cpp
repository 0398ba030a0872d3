// SPDX-License-Identifier: Apache-2.0
#include "service/recorder_files.hpp"

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include "platform/atomic_file.hpp"
#include "platform/utc_time.hpp"
#include "routing/recorder/recording.hpp"

namespace picket::service {
namespace {

namespace fs = std::filesystem;

bool is_record_file(const fs::path& path) {
  const std::string name = path.filename().string();
  return (name.starts_with("record-") && name.ends_with(".jsonl")) ||
         (name.starts_with("crash-") && name.ends_with(".pktrec"));
}

// "20261201T100000.123Z": without what Windows allows in no name.
std::string time_in_name(std::int64_t wall_ns) {
  std::string text = platform::format_utc(wall_ns, 3);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

}  // namespace

fs::path recorder_directory(const fs::path& state_root) {
  return state_root / "recorder";
}

Result<RecordFile> write_record_file(routing::Recorder& recorder, const routing::Names& names,
                                     const fs::path& directory, std::uint32_t keep, const std::string& reason,
                                     std::int64_t wall_ns) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return Error{"cannot make " + directory.string() + ": " + error.message(), PICKET_FAILED};
  const routing::Recorder::Contents contents = recorder.contents();
  std::string text = recording_head(wall_ns, reason, contents) + "\n";
  const routing::LineCounts counts = recording_lines(contents, names, [&](std::string_view line) {
    text += line;
    text += '\n';
  });
  fs::path path;
  for (int number = 1; number < 1'000; ++number) {
    path = directory / ("record-" + time_in_name(wall_ns) + "-" + std::to_string(number) + ".jsonl");
    if (!fs::exists(path, error)) break;
  }
  if (const auto written = platform::write_file_atomically(path, text); !written.ok()) return written.error();
  prune_record_files(directory, keep);
  return RecordFile{path.string(), counts.events, counts.lines};
}

void prune_record_files(const fs::path& directory, std::uint32_t keep) {
  std::vector<std::pair<fs::file_time_type, fs::path>> files;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (!is_record_file(it->path()) || !it->is_regular_file(ignored)) continue;
    files.emplace_back(it->last_write_time(ignored), it->path());
  }
  if (files.size() <= keep) return;
  std::sort(files.begin(), files.end());
  for (std::size_t i = 0; i + keep < files.size(); ++i) fs::remove(files[i].second, error);
}

}  // namespace picket::service
