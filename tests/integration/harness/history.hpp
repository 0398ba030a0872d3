// SPDX-License-Identifier: Apache-2.0
//
// What is stored, read as an operator reads it: with `picket query`, and with the sqlite3 program. Whether a daemon
// runs meanwhile makes no difference. Single thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "site.hpp"

namespace picket::integration {

// A series of the shipped configuration with one sample per tick, from the first tick on.
inline constexpr const char* kSteadySeries = "system.memory.limit";

struct Sample {
  std::int64_t time_ms = 0;  // UTC, since 1970
  double value = 0;

  friend auto operator<=>(const Sample&, const Sample&) = default;
};

// `picket query WORDS... --json`. Null when nothing was found, or when there is no history yet; throws
// std::runtime_error on any other failure.
nlohmann::json query(const Site& site, std::vector<std::string> words);

// Every stored sample of one series of the last ten minutes, or of the range that `range` gives (--from, --to).
// `label`: "key=value", where there are several of that name.
std::vector<Sample> samples(const Site& site, const std::string& name, const std::string& label = "",
                            const std::vector<std::string>& range = {"--last", "10m"});

// True as soon as the series has more than `count` samples.
bool wait_for_samples(const Site& site, const std::string& name, std::size_t count, const std::string& label = "");

// "2026-09-03T10:00:00.000Z" to ms since 1970. Throws std::runtime_error.
std::int64_t parse_time_ms(const std::string& text);

// What sqlite3 prints for one statement, without its last line end. Throws std::runtime_error with its message when it
// fails.
std::string sqlite(const std::filesystem::path& file, const std::string& statement);

}  // namespace picket::integration
