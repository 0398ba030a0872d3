// SPDX-License-Identifier: Apache-2.0
//
// Reads rows from the leaf pages of an SQLite file without going through its tree, so that a broken page further up
// costs nothing but itself. Follows sqlite.org/fileformat.html, sections 1.5, 1.6 and 2.1. Used by salvage, on its
// thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "codec/bytes.hpp"

namespace picket::perf_database {

// NULL, INTEGER, REAL, TEXT, BLOB.
using LeafValue = std::variant<std::monostate, std::int64_t, double, std::string, Bytes>;

struct LeafRow {
  std::int64_t rowid = 0;
  std::vector<LeafValue> columns;
};

// Calls `fn` for each row that can be taken apart on any page that looks like a leaf of a table. Rows may be stale, of
// any table, or rubbish: the caller judges. `page_size`: bytes, a power of two from 512 to 65,536.
void each_leaf_row(const std::filesystem::path& file, std::uint32_t page_size,
                   const std::function<void(const LeafRow&)>& fn);

}  // namespace picket::perf_database
