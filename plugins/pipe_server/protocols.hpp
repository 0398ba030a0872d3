// SPDX-License-Identifier: Apache-2.0
//
// The factories of all protocols, for protocols.cpp and for tests.
#pragma once

#include "session.hpp"

namespace picket::pipe_server {

std::unique_ptr<Protocol> make_ndjson(Door& door, const ListenerSettings& settings);   // docs/ndjson.md
std::unique_ptr<Protocol> make_jsonrpc(Door& door, const ListenerSettings& settings);  // docs/jsonrpc.md
std::unique_ptr<Protocol> make_line(Door& door, const ListenerSettings& settings);     // docs/line.md
std::unique_ptr<Protocol> make_syslog(Door& door, const ListenerSettings& settings);   // docs/syslog.md
std::unique_ptr<Protocol> make_message(Door& door, const ListenerSettings& settings);  // docs/message.md

}  // namespace picket::pipe_server
