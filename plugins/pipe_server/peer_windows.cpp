// SPDX-License-Identifier: Apache-2.0
//
// Windows knows users by their names and SIDs, not by numbers; a client's comes with its pipe.
#include "peer.hpp"

namespace picket::pipe_server {

std::string user_name(const Peer& /*peer*/) {
  return {};
}
std::int64_t group_number(const std::string& /*name*/) {
  return -1;
}
std::int64_t user_number(const std::string& /*name*/) {
  return -1;
}

}  // namespace picket::pipe_server
