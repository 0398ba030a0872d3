// SPDX-License-Identifier: Apache-2.0
//
// Which series of a history a question is about, and over which time there can be anything of them. Reads meta.db and
// the names of the files, on the thread of the connection.
#pragma once

#include <filesystem>
#include <vector>

#include "question.hpp"

namespace picket::perf_database::extension {

struct WantedSeries {
  SeriesId id = 0;
  SeriesInfo info;
  std::int64_t first_ns = 0;  // of what is sealed; 0: nothing is
  std::int64_t last_ns = 0;
};

// By name, source, attributes, host. Throws BadQuestion when there is no history in `directory`, SqlError or
// VersionError when it cannot be read.
std::vector<WantedSeries> find_series(const std::filesystem::path& directory, const Question& question);

// [from, to): everything of these series that any tier keeps lies within, and mostly not much else. Throws SqlError.
struct Extent {
  std::int64_t from_ns = 0;
  std::int64_t to_ns = 0;
};
Extent extent_of(const std::filesystem::path& directory, const std::vector<WantedSeries>& series);

}  // namespace picket::perf_database::extension
