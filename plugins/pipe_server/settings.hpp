// SPDX-License-Identifier: Apache-2.0
//
// The settings of an instance, from canonical JSON. What each means is in the schema's descriptions (schema.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <picket/result.hpp>

namespace picket::pipe_server {

enum class Kind { stream, seqpacket, datagram };
const char* to_string(Kind kind);

// Of one listener, for each of its clients unless it says otherwise. 0 is "no limit" for idle and rate.
struct Limits {
  std::int64_t connections = 1'000;   // of this listener
  std::int64_t user_connections = 0;  // of one user at this listener; 0: as many as `connections`
  std::int64_t message = 1 << 20;     // bytes
  std::int64_t idle_ns = 0;           // without a byte in either direction
  std::int64_t rate = 0;              // messages a second; a client over it waits
  std::int64_t queued = 4 << 20;      // bytes that wait for the client to read them
  std::int64_t requests = 64;         // open at once
  std::int64_t subscriptions = 16;
};

struct ListenerSettings {
  std::string path;  // absolute
  Kind kind = Kind::stream;
  std::string protocol;  // a key of protocols.cpp
  std::uint32_t mode = 0660;
  std::string owner, group;  // names or numbers; empty: those of the daemon
  std::string activation;    // name of a socket that the service manager opened; empty: found by its path
  std::string handler;       // `message`: the instance that answers
  std::string event_kind;    // `line`, `syslog`: kind of the events
  std::string severity;      // `line`: "info", ...
  bool peer = false;         // adds peer.pid, peer.uid and peer.gid to each event
  Limits limits;
};

// One rule of `access`; the last that fits a client and a verb decides. See access.hpp.
struct AccessRule {
  std::string user, group;         // whom it is for; both empty: everyone
  std::string instance;            // glob: only for what is asked of such instances; empty: of all
  std::vector<std::string> allow;  // "read", "publish", "control", "*", or a glob for names of commands
  std::vector<std::string> deny;
};

struct Settings {
  std::vector<ListenerSettings> listen;
  std::vector<AccessRule> access;
  std::int64_t connections = 12'000;                  // of all listeners
  std::int64_t queued = 64 << 20;                     // bytes, of all clients
  std::int64_t counters = 10'000;                     // series from outside programs
  std::int64_t counter_names = 1'000;                 // different names of them, over the instance's life
  std::int64_t counter_interval_ns = 10'000'000'000;  // between two rounds of their metric events
  std::int64_t drain_ns = 1'000'000'000;              // at a stop: for answers that are under way
};

Result<Settings> parse_settings(std::string_view json);

}  // namespace picket::pipe_server
