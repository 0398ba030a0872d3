// SPDX-License-Identifier: Apache-2.0
#include "store_fixture.hpp"

#include <random>

namespace picket::perf_database {

TempDirectory::TempDirectory() {
  std::random_device random;
  do {
    path_ = std::filesystem::temp_directory_path() / ("picket-history-" + std::to_string(random()));
  } while (!std::filesystem::create_directory(path_));
}

TempDirectory::~TempDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::vector<double> values(const std::vector<picket_history_point>& points) {
  std::vector<double> out;
  for (const picket_history_point& point : points) out.push_back(point.last);
  return out;
}

}  // namespace picket::perf_database
