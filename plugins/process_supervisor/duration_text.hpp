// SPDX-License-Identifier: Apache-2.0
//
// Durations for people: "350ms", "12s", "3m20s", "5h1m", "2d4h". Pure. Any thread.
#pragma once

#include <cstdint>
#include <string>

namespace picket::process_supervisor {

std::string duration_text(std::int64_t ns);

}  // namespace picket::process_supervisor
