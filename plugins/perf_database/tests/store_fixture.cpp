// SPDX-License-Identifier: Apache-2.0
#include "store_fixture.hpp"

#include <cmath>
#include <map>
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

std::vector<picket_history_point> summed(const std::vector<picket_history_point>& raw, std::int64_t step) {
  std::map<std::int64_t, Aggregate> buckets;
  for (const auto& point : raw) buckets[floor_to(point.time_ns, step)].add(point.last);
  std::vector<picket_history_point> out;
  for (const auto& [time, sum] : buckets) {
    if (sum.count == 0) continue;  // nothing but NaN
    out.push_back({time, sum.minimum, sum.maximum, sum.mean(), sum.last, sum.count});
  }
  return out;
}

void expect_same(const std::vector<picket_history_point>& found, const std::vector<picket_history_point>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    ASSERT_EQ(found[i].time_ns, expected[i].time_ns) << i;
    EXPECT_EQ(found[i].minimum, expected[i].minimum) << i;
    EXPECT_EQ(found[i].maximum, expected[i].maximum) << i;
    EXPECT_EQ(found[i].last, expected[i].last) << i;
    EXPECT_EQ(found[i].count, expected[i].count) << i;
    EXPECT_NEAR(found[i].mean, expected[i].mean, 1e-9 + std::fabs(expected[i].mean) * 1e-9) << i;
  }
}

std::vector<double> values(const std::vector<picket_history_point>& points) {
  std::vector<double> out;
  for (const picket_history_point& point : points) out.push_back(point.last);
  return out;
}

}  // namespace picket::perf_database
