// SPDX-License-Identifier: Apache-2.0
//
// picket_history: a loadable extension for SQLite. `.load path/picket_history` in the tool sqlite3, load_extension() or
// sqlite3_load_extension() elsewhere. SQLite derives the name of the function below from the name of the file.
#include <string>

#include "host_sqlite.hpp"
#include "picket/base.h"
#include "virtual_table.hpp"

SQLITE_EXTENSION_INIT1  // the table of functions that host_sqlite.hpp speaks of

    extern "C" PICKET_EXPORT int
    sqlite3_pickethistory_init(sqlite3* database, char** error, const sqlite3_api_routines* api) {
  SQLITE_EXTENSION_INIT2(api);
  // An older table of functions is shorter, and says nothing of that.
  constexpr int kOldest = 3'026'000;
  if (sqlite3_libversion_number() < kOldest) {
    *error = sqlite3_mprintf("picket_history needs SQLite 3.26 or later, and this is %s", sqlite3_libversion());
    return SQLITE_ERROR;
  }
  return picket::perf_database::extension::register_tables(database);
}
