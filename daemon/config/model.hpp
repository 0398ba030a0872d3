// SPDX-License-Identifier: Apache-2.0
//
// The checked configuration: what the YAML files say after merging, substitution, defaults and every check. Plain
// immutable data; two models are compared by model_diff.hpp to find what a reload touches.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace picket::config {

// Where something was said. Lines and columns count from 1; 0 when it was said nowhere (a default).
struct Location {
  std::string file;
  int line = 0;
  int column = 0;
};

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

enum class OnFull { block, drop_newest, drop_oldest };

// One destination's queue. Both limits hold; a batch larger than either is still taken by an empty queue.
struct QueueSettings {
  std::uint64_t events = 100'000;
  std::uint64_t bytes = 64ULL << 20U;
  OnFull on_full = OnFull::block;

  bool operator==(const QueueSettings&) const = default;
};

struct Destination {
  std::string instance;
  QueueSettings queue;
  Location where;
};

// `from: host` is every port of `host`; `from: host.alerts` is one port.
struct SourceRef {
  std::string instance;
  std::string port;  // empty: every port
  Location where;
};

struct Route {
  std::string name;
  std::vector<SourceRef> from;
  std::string filter;  // the text of `where`; empty: every event
  Location filter_where;
  std::vector<Destination> to;
  Location where;
};

struct Model {
  DaemonSettings daemon;
  std::map<std::string, Instance> instances;
  std::map<std::string, Route> routes;
  std::vector<std::string> files;  // read, in order of merging
};

}  // namespace picket::config
