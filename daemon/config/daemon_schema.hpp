// SPDX-License-Identifier: Apache-2.0
//
// JSON Schema (draft-07) of what the daemon itself understands: `daemon:`, one entry of `routes:` and one of
// `tests:`. Checked by the same code as the plugins' schemas. Static text, any thread.
#pragma once

#include <string_view>

namespace picket::config {

std::string_view daemon_schema();
std::string_view route_schema();
// In test_schema.cpp. What the keys of events and matches mean beside those that it lists: daemon/config/tests.cpp.
std::string_view test_schema();

}  // namespace picket::config
