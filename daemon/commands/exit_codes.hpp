// SPDX-License-Identifier: Apache-2.0
//
// What the program's exit code means, for every verb; scripts and the service managers rely on it. The numbers from 64
// on are those of BSD's sysexits(3).
#pragma once

namespace picket::commands {

inline constexpr int kExitOk = 0;
inline constexpr int kExitNotWell = 1;         // it worked, and what was asked about is not well, or not there
inline constexpr int kExitUsage = 64;          // the command line is wrong
inline constexpr int kExitUnavailable = 69;    // no daemon, no plugin or no history to ask
inline constexpr int kExitInternal = 70;       // a bug, or something that no configuration can cause
inline constexpr int kExitPermission = 77;     // not allowed to
inline constexpr int kExitConfiguration = 78;  // the configuration is wrong

}  // namespace picket::commands
