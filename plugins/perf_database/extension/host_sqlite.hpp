// SPDX-License-Identifier: Apache-2.0
//
// Comes first in every file of the extension, ../sql.cpp among them (CMakeLists.txt includes it by force): from here on
// each sqlite3_... call goes through the table of functions that the program handed over when it loaded the extension.
// So there is one SQLite in the process, whichever the program has, and no file is opened by two (README.md says why
// that matters).
#pragma once

#include <sqlite3ext.h>

SQLITE_EXTENSION_INIT3
