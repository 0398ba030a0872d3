// SPDX-License-Identifier: Apache-2.0
#include "virtual_table.hpp"

#include <bit>
#include <exception>
#include <new>

#include "cursor.hpp"
#include "host_sqlite.hpp"

namespace picket::perf_database::extension {
namespace {

struct Table : sqlite3_vtab {
  sqlite3* database = nullptr;
  const TableShape* shape = nullptr;
};

struct OpenCursor : sqlite3_vtab_cursor {
  explicit OpenCursor(Table& table) : sqlite3_vtab_cursor{&table}, rows(*table.shape, table.database) {}
  Cursor rows;
};

Table& table_of(sqlite3_vtab* table) {
  return *static_cast<Table*>(table);
}

Cursor& rows_of(sqlite3_vtab_cursor* cursor) {
  return static_cast<OpenCursor*>(cursor)->rows;
}

// Runs `body`; what it throws becomes the error of the statement.
template <typename Body>
int guarded(sqlite3_vtab* table, const Body& body) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return SQLITE_NOMEM;
  } catch (const std::exception& error) {
    sqlite3_free(table->zErrMsg);
    table->zErrMsg = sqlite3_mprintf("%s", error.what());
    return SQLITE_ERROR;
  }
}

int connect(sqlite3* database, void* shape, int /*argc*/, const char* const* /*argv*/, sqlite3_vtab** out,
            char** /*error*/) {
  const auto& described = *static_cast<const TableShape*>(shape);
  try {
    const int code = sqlite3_declare_vtab(database, declaration(described).c_str());
    if (code != SQLITE_OK) return code;
    auto* const table = new Table{};
    table->database = database;
    table->shape = &described;
    *out = table;
    return SQLITE_OK;
  } catch (const std::bad_alloc&) {
    return SQLITE_NOMEM;
  }
}

int disconnect(sqlite3_vtab* table) {
  delete &table_of(table);
  return SQLITE_OK;
}

int best_index(sqlite3_vtab* table, sqlite3_index_info* info) {
  return guarded(table, [&] { return choose_plan(*table_of(table).shape, *info); });
}

int open_cursor(sqlite3_vtab* table, sqlite3_vtab_cursor** out) {
  return guarded(table, [&] {
    *out = new OpenCursor(table_of(table));
    return SQLITE_OK;
  });
}

int close_cursor(sqlite3_vtab_cursor* cursor) {
  delete static_cast<OpenCursor*>(cursor);
  return SQLITE_OK;
}

int filter(sqlite3_vtab_cursor* cursor, int /*plan_number*/, const char* plan, int count, sqlite3_value** values) {
  return guarded(cursor->pVtab, [&] {
    rows_of(cursor).start(plan, {values, static_cast<std::size_t>(count)});
    return SQLITE_OK;
  });
}

int next(sqlite3_vtab_cursor* cursor) {
  return guarded(cursor->pVtab, [&] {
    rows_of(cursor).advance();
    return SQLITE_OK;
  });
}

int at_end(sqlite3_vtab_cursor* cursor) {
  return rows_of(cursor).at_end() ? 1 : 0;
}

int column(sqlite3_vtab_cursor* cursor, sqlite3_context* context, int number) {
  return guarded(cursor->pVtab, [&] {
    rows_of(cursor).answer(context, static_cast<std::size_t>(number));
    return SQLITE_OK;
  });
}

int row_id(sqlite3_vtab_cursor* cursor, sqlite3_int64* out) {
  *out = rows_of(cursor).row_id();
  return SQLITE_OK;
}

// Without xCreate: the tables exist by themselves in every database of the connection. Read only.
sqlite3_module make_module() {
  sqlite3_module module{};
  module.iVersion = 0;
  module.xConnect = connect;
  module.xBestIndex = best_index;
  module.xDisconnect = disconnect;
  module.xOpen = open_cursor;
  module.xClose = close_cursor;
  module.xFilter = filter;
  module.xNext = next;
  module.xEof = at_end;
  module.xColumn = column;
  module.xRowid = row_id;
  return module;
}

}  // namespace

int register_tables(sqlite3* database) {
  static const sqlite3_module kModule = make_module();
  for (const TableShape& shape : table_shapes()) {
    const int code = sqlite3_create_module(database, shape.name, &kModule, const_cast<TableShape*>(&shape));
    if (code != SQLITE_OK) return code;
  }
  return SQLITE_OK;
}

}  // namespace picket::perf_database::extension
