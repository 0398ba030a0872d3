// SPDX-License-Identifier: Apache-2.0
//
// What the fake host remembers of a plugin's doings, and how a test says how the host should be.
#ifndef PICKET_TESTING_RECORDS_HPP
#define PICKET_TESTING_RECORDS_HPP

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "../ext/commands.h"
#include "../ext/history.h"
#include "../plugin.h"

namespace picket::testing {

// The host that a test wants. The defaults are today's complete one.
struct Options {
  std::string instance = "test";
  std::uint16_t abi_major = PICKET_ABI_MAJOR;
  std::uint16_t abi_minor = PICKET_ABI_MINOR;
  std::uint32_t host_size = sizeof(picket_host);      // how much of picket_host this host knows
  std::uint32_t plugin_size = sizeof(picket_plugin);  // the room it has for picket_plugin
  std::set<std::string> without = {};                 // extension ids that it does not have
  std::function<void()> on_emit = {};  // runs within each emit, on the plugin's thread, before it is taken
};

struct LogLine {
  std::uint32_t level = 0;  // PICKET_LOG_...
  std::string message = {};
  std::string file = {};
  std::uint32_t line = 0;
};

// How a delivery ended that was PENDING.
struct Done {
  picket_status status = PICKET_OK;
  std::vector<std::uint32_t> refused = {};
};

// What consume answered.
struct Delivered {
  picket_status status = PICKET_OK;
  std::uint64_t ticket = 0;
};

// The answer to a command: a JSON text, or with a failure its message.
struct Answer {
  picket_status status = PICKET_OK;
  std::string text = {};
};

// A call that the plugin made to another instance.
struct OutgoingCall {
  picket_call id = 0;
  std::string instance = {};
  std::string command = {};
  std::string args_json = {};
  std::int64_t timeout_ns = 0;
};

struct OpenSubscription {
  std::uint64_t id = 0;
  std::string from = {};
  std::string filter = {};
  std::uint32_t events = 0;
  std::uint64_t bytes = 0;
};

// What was written to the operating system's event log.
struct OsLogRecord {
  std::string message_id = {};
  std::uint32_t event_id = 0;
  std::uint32_t severity = 0;  // PICKET_SEVERITY_...
  std::string message = {};
  std::map<std::string, std::string> fields = {};
};

struct DescribedMetric {
  std::uint32_t instrument = 0;
  std::string unit = {};
  std::string help = {};
  std::int32_t decimals = -1;
};

struct HealthState {
  std::uint32_t state = 0;  // PICKET_HEALTH_...
  std::string message = {};
};

// picket_history_series with texts of its own.
struct HistorySeries {
  std::uint64_t id = 0;
  std::string host = {}, source = {}, name = {}, attributes = {}, unit = {};
  std::uint32_t instrument = 0;
  std::int32_t decimals = -1;
  std::int64_t first_ns = 0, last_ns = 0;
};

}  // namespace picket::testing

#endif
