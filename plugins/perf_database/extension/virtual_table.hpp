// SPDX-License-Identifier: Apache-2.0
//
// The tables samples, buckets and history as SQLite's virtual tables. Everything runs on the thread of the connection
// that asks; no exception leaves.
#pragma once

#include <string>

struct sqlite3;

namespace picket::perf_database::extension {

// Makes the three known to a connection. Returns an SQLite result code.
int register_tables(sqlite3* database);

}  // namespace picket::perf_database::extension
