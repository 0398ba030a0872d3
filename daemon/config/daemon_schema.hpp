// SPDX-License-Identifier: Apache-2.0
//
// JSON Schema (draft-07) of what the daemon itself understands: `daemon:` and one entry of `routes:`. Checked by the
// same code as the plugins' schemas. Static text, any thread.
#pragma once

#include <string_view>

namespace picket::config {

std::string_view daemon_schema();
std::string_view route_schema();

}  // namespace picket::config
