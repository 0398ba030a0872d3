// SPDX-License-Identifier: Apache-2.0
//
// Tables of comma-separated values (RFC 4180): a header, then rows; quotes where a value holds commas, quotes or line
// ends. For `enrich`; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "picket/result.hpp"

namespace picket::routing {

// Limits of one table.
inline constexpr std::size_t kMaxCsvBytes = 16U << 20U;
inline constexpr std::size_t kMaxCsvRows = 100'000;
inline constexpr std::size_t kMaxCsvColumns = 256;

struct CsvTable {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;  // each as long as the header
};

// Lines end in LF or CRLF; empty ones are skipped. The error names the line.
Result<CsvTable> parse_csv(std::string_view text);

}  // namespace picket::routing
