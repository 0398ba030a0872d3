// SPDX-License-Identifier: Apache-2.0
//
// Reads the recordings that record_proc makes (it describes their format): real /proc counters for the benchmarks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace picket::bench {

struct ProcRecording {
  struct Series {
    std::string name;
    std::vector<double> values;  // one for each time
    bool changes() const;
  };
  std::vector<std::int64_t> times_ns;  // since 1970
  std::vector<Series> series;
};

// Throws std::runtime_error, with the path, when there is no such file or it is no recording.
ProcRecording load_proc_recording(const std::filesystem::path& path);

}  // namespace picket::bench
