// SPDX-License-Identifier: Apache-2.0
//
// When the process crashes, what the flight recorder holds is written to a file, and then the process ends as it would
// have ended without: with the same core dump, the same exit status, and whatever handled the crash before.
//
//   Linux     SEGV, ABRT, BUS, ILL, FPE; the handler makes system calls only. A stack that overflows is seen on the
//             thread that made this object alone: the others have no second stack to run a handler on.
//   Windows   exceptions that nothing handles, and abort()
#pragma once

#include <filesystem>
#include <memory>

#include "picket/result.hpp"
#include "routing/names.hpp"
#include "routing/recorder/recorder.hpp"

namespace picket::service {

// One at a time per process.
class CrashRecord {
 public:
  // From now on a crash leaves crash-TIME-PID.pktrec in `directory`, which is made. `recorder` and `names` outlive it.
  static Result<std::unique_ptr<CrashRecord>> install(routing::Recorder& recorder, const routing::Names& names,
                                                      const std::filesystem::path& directory);
  // Gives the signals back.
  virtual ~CrashRecord() = default;
};

}  // namespace picket::service
