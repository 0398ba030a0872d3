// SPDX-License-Identifier: Apache-2.0
//
// The SCM opens nothing for a service.
#include "service/inherited_sockets.hpp"

namespace picket::service {

InheritedSockets InheritedSockets::take() {
  return {};
}

std::int64_t InheritedSockets::duplicate(std::string_view /*name*/, std::string_view /*path*/) const {
  return -1;
}

}  // namespace picket::service
