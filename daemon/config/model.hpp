// SPDX-License-Identifier: Apache-2.0
//
// The checked configuration: what the YAML files say after merging, substitution, defaults and every check. Plain
// immutable data; two models are compared by model_diff.hpp to find what a reload touches.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/location.hpp"
#include "config/test_model.hpp"

namespace picket::config {

enum class LogFormat { text, json };

// Settings of the daemon itself. Durations in ns, sizes in bytes.
struct DaemonSettings {
  std::string log_level = "info";  // trace debug info warning error critical
  LogFormat log_format = LogFormat::text;
  std::string state_dir;                              // absolute
  std::vector<std::string> plugin_dirs;               // absolute, searched in order
  std::string secrets_dir;                            // absolute, where `!secret` looks; empty: nowhere
  std::int64_t stop_timeout_ns = 10'000'000'000;      // a graceful stop drains at most this long
  std::int64_t metrics_interval_ns = 10'000'000'000;  // how often the daemon's counters become events
  std::uint32_t threads = 2;                          // of the shared pool, 1..64
  std::uint64_t recorder_bytes = 1U << 20U;           // memory of the flight recorder; 0: off
  std::uint32_t recorder_keep = 5;                    // its newest files that are kept, 1..1000
  bool dead_letters = true;                           // keep what sinks refuse for good, below state_dir/dead
  std::uint64_t dead_letters_bytes = 64ULL << 20U;    // the most of it, for each destination of each route
  // What a reload starts must run and be well within this, else the reload is rolled back; 0: it never is.
  std::int64_t reload_health_deadline_ns = 10'000'000'000;
  bool watch_config = false;                    // reload by itself when the files change
  std::int64_t watch_delay_ns = 1'000'000'000;  // ... and have been left alone for so long

  // Sockets of the operating system's event log (service/os_log.hpp); the first that answers is used. Linux only.
  std::string os_log_journal = "/run/systemd/journal/socket";
  std::string os_log_syslog = "/dev/log";
  bool os_log_enabled = true;  // false: what belongs there goes to the daemon's log

  bool operator==(const DaemonSettings&) const = default;
};

// What a number or a text of an instance's settings is, so that it is printed the way people write it.
enum class Meaning { duration, bytes, secret };

struct Instance {
  std::string name;
  std::string type;  // plugin type id
  std::string
      settings;  // canonical JSON: keys sorted, durations in ns, sizes in bytes, defaults filled in, secrets in clear
  Location where;
  std::map<std::string, Meaning> meanings = {};  // by JSON pointer into `settings`
};

enum class OnFull { block, drop_newest, drop_oldest, spill };

// One destination's queue. Both limits hold; a batch larger than either is still taken by an empty queue.
struct QueueSettings {
  std::uint64_t events = 100'000;
  std::uint64_t bytes = 64ULL << 20U;
  OnFull on_full = OnFull::block;
  bool durable = false;                      // every batch goes to the spool before its source is answered
  std::uint64_t spool = 1ULL << 30U;         // the most that the spool holds
  std::optional<OnFull> on_spool_full = {};  // never spill; none: see when_full()

  // It has a spool.
  bool spools() const { return durable || on_full == OnFull::spill; }
  // What happens when nothing takes any more: the queue or, if there is one, the spool. Never spill.
  OnFull when_full() const {
    if (spools() && on_spool_full) return *on_spool_full;
    return on_full == OnFull::spill ? OnFull::block : on_full;
  }
  // For the queue before a route's steps, which is never on disk: what is durable lies behind the steps.
  QueueSettings before_steps() const {
    QueueSettings settings = *this;
    settings.on_full = when_full();
    settings.durable = false;
    return settings;
  }

  bool operator==(const QueueSettings&) const = default;
};

// What a destination with a `command` does with each event: one call of that command.
struct CommandCall {
  std::string command;
  std::string args = "{}";                      // canonical JSON of an object; its texts are templates
  std::uint32_t limit_count = 10;               // calls ...
  std::int64_t limit_per_ns = 60'000'000'000;   // ... in this time; also the largest burst
  std::int64_t timeout_ns = 30'000'000'000;     // of one call
  std::int64_t retry_for_ns = 300'000'000'000;  // how long a call that the instance cannot take now is tried again
  std::uint32_t parallel = 1;                   // calls that are open at once

  bool operator==(const CommandCall&) const = default;
};

struct Destination {
  std::string instance;  // for a command also `picket`
  QueueSettings queue;
  Location where;
  std::optional<CommandCall> call = std::nullopt;

  // What it is called in status and metrics, and what makes it the same one after a reload: `siem`, `jobs.restart`.
  std::string label() const { return call ? instance + "." + call->command : instance; }
};

// `from: host` is every port of `host`; `from: host.alerts` is one port.
struct SourceRef {
  std::string instance;
  std::string port;  // empty: every port
  Location where;
};

// One item of a route's `steps`.
struct Step {
  std::string type;
  std::string settings;  // canonical JSON, as Instance::settings
  Location where;
  std::map<std::string, Meaning> meanings = {};  // by JSON pointer into `settings`
};

struct Route {
  std::string name;
  std::vector<SourceRef> from;
  std::string filter;  // the text of `where`; empty: every event
  Location filter_where;
  std::vector<Destination> to;
  Location where;
  std::vector<Step> steps = {};
  QueueSettings queue = {};  // of the route itself: before its steps, if there are any
};

struct Model {
  DaemonSettings daemon;
  std::map<std::string, Instance> instances;
  std::map<std::string, Route> routes;
  std::vector<Test> tests;         // in the order of the files
  std::vector<std::string> files;  // read, in order of merging
};

}  // namespace picket::config
