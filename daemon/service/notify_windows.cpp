// SPDX-License-Identifier: Apache-2.0
//
// There is no such protocol on Windows: the SCM shell reports the same states.
#include "service/notify.hpp"

namespace picket::service {

Result<std::unique_ptr<NotifySocket>> NotifySocket::open(const std::string& /*address*/) {
  return Error{"NOTIFY_SOCKET means nothing on Windows and is ignored", PICKET_UNSUPPORTED};
}

}  // namespace picket::service
