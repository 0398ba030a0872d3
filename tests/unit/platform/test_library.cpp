// SPDX-License-Identifier: Apache-2.0
//
// What shared_library_test loads.
#include "picket/base.h"

extern "C" PICKET_EXPORT int test_answer() {
  return 42;
}
