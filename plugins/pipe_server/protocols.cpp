// SPDX-License-Identifier: Apache-2.0
//
// The list of protocols; each is a file of its own. The schema's `protocol` names the same ones.
#include <array>

#include "protocols.hpp"

namespace picket::pipe_server {
namespace {

struct ProtocolType {
  std::string_view name;
  std::unique_ptr<Protocol> (*make)(Door& door, const ListenerSettings& settings);
};

constexpr std::array<ProtocolType, 5> kProtocols = {{
    {"jsonrpc", make_jsonrpc},
    {"line", make_line},
    {"message", make_message},
    {"ndjson", make_ndjson},
    {"syslog", make_syslog},
}};

}  // namespace

std::unique_ptr<Protocol> make_protocol(Door& door, const ListenerSettings& settings) {
  for (const ProtocolType& type : kProtocols) {
    if (type.name == settings.protocol) return type.make(door, settings);
  }
  throw Failure("no protocol is called '" + settings.protocol + "'", PICKET_INVALID);
}

}  // namespace picket::pipe_server
