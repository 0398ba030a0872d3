// SPDX-License-Identifier: Apache-2.0
//
// The checked section `tests:`: what `picket test` does and expects (config/README.md explains it to operators). Plain
// data. All times are nanoseconds since the start of the test.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/location.hpp"

namespace picket::config {

// One item of `events`: one event, one that comes again and again, or a file of captured ones.
struct TestEvents {
  std::int64_t at_ns = 0;
  std::int64_t every_ns = 0;  // between repetitions; 0: there are none
  std::uint64_t times = 1;
  std::string instance;  // that emits; empty, for a file: each event's own source
  std::string port;      // empty: none
  std::string event;     // JSON text of the event (routing/event_json.hpp); empty for a file
  std::vector<std::pair<std::string, double>> grow;  // by key: what a number grows by with each repetition
  std::string file;                                  // absolute path of NDJSON; empty: none
  Location where;
};

// What holds for one value of an event or of a command's argument, as an expression over it.
struct TestValue {
  std::string key;         // dotted, as people read it
  std::string shown;       // what is expected, as the file says it
  std::string expression;  // true when the value is as expected; empty: `json` decides
  std::string json;        // the value is this JSON (an array)
};

// One event or one call that is expected.
struct TestMatch {
  // When it is delivered or called, both inclusive; both or none.
  std::optional<std::int64_t> from_ns;
  std::optional<std::int64_t> to_ns;
  std::vector<TestValue> values;
  std::string where_expression;  // of the whole; empty: none
  Location where;
};

// How many there are. All absent: at least one.
struct TestCount {
  std::optional<std::uint64_t> exactly;
  std::optional<std::uint64_t> at_least;
  std::optional<std::uint64_t> at_most;

  bool given() const { return exactly || at_least || at_most; }
};

// One item of `expect`.
struct TestExpectation {
  enum class Kind { events, calls, ledger };

  Kind kind = Kind::events;
  std::string route;  // of events: empty for every route
  std::string to;     // of events: an instance, empty for every one; of a ledger: a destination's label
  std::string instance;
  std::string command;
  TestMatch only;  // of events and calls: the others are not looked at
  TestCount count;
  bool listed = false;                          // `events` or `calls` is there
  bool more = false;                            // there may be others between those that are listed
  std::vector<TestMatch> list;                  // in this order
  std::map<std::string, std::uint64_t> ledger;  // by the name of the number
  Location where;
};

enum class TestSinkStatus { busy, refused, away };

// A stand-in that does not take events for a time.
struct TestSinkFault {
  std::string instance;
  TestSinkStatus status = TestSinkStatus::busy;
  std::int64_t from_ns = 0;
  std::int64_t until_ns = INT64_MAX;  // not any more
};

struct Test {
  static constexpr std::uint64_t kMaxEvents = 1'000'000;  // that one test emits, without those from files

  std::string name;
  std::int64_t start_ns = 0;  // wall clock, UTC since 1970
  std::vector<TestEvents> events;
  std::int64_t run_for_ns = 0;  // after the last event
  bool stop = false;            // at the end the steps hand on what they hold, as when the daemon stops
  std::vector<TestSinkFault> faults;
  std::vector<TestExpectation> expect;
  std::string settings;                // canonical JSON of all of it, for printing
  std::vector<std::string> durations;  // JSON pointers into it
  Location where;
};

// The numbers of a ledger that a test can name, in the order of routing::Ledger.
inline constexpr const char* kLedgerNumbers[] = {"in",   "created", "filtered", "delivered", "absorbed",
                                                 "dead", "dropped", "queued",   "in_flight"};

}  // namespace picket::config
