// SPDX-License-Identifier: Apache-2.0
//
// Job objects will stand behind this interface: one for each program, a holder that keeps their handles, and the same
// calls. Until then open() says that it is not there, and nothing else is reached.
#include "process/processes.hpp"

namespace picket::process {
namespace {

class NoProcesses final : public Processes {
 public:
  Result<void> open(const std::string& /*instance*/, Hear /*hear*/) override {
    return Error{"programs cannot be supervised on this system yet: picket.process/1 needs Linux", PICKET_UNSUPPORTED};
  }
  void close(const std::string& /*instance*/) override {}
  Result<ProgramId> start(const std::string& /*instance*/, StartRequest /*request*/) override {
    return Error{"not open", PICKET_UNSUPPORTED};
  }
  picket_status request(const std::string& /*instance*/, Order /*order*/) override { return PICKET_UNSUPPORTED; }
  Result<ProgramId> watch(const std::string& /*instance*/, std::int64_t /*pid*/, std::uint64_t /*start_time*/,
                          Identity& /*identity*/) override {
    return Error{"not open", PICKET_UNSUPPORTED};
  }
};

}  // namespace

std::shared_ptr<Processes> Processes::make(std::string /*directory*/, std::string /*program*/,
                                           std::string /*control_groups*/, Log /*log*/) {
  return std::make_shared<NoProcesses>();
}

}  // namespace picket::process
