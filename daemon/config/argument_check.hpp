// SPDX-License-Identifier: Apache-2.0
//
// Checks the argument of a command against the schema that the command came with. Any thread.
#pragma once

#include <string_view>

#include "picket/result.hpp"

namespace picket::config {

// Both are JSON texts; `schema` is draft-07. The error names the place in the argument and what is wrong there.
Result<void> check_argument(std::string_view schema, std::string_view argument);

}  // namespace picket::config
