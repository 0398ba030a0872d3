// SPDX-License-Identifier: Apache-2.0
//
// The events of one test in order of time: those that stand in the configuration, their repetitions, and those of
// captured files. Events at the same time keep the order in which the test lists them. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "config/test_model.hpp"
#include "picket/result.hpp"
#include "rehearsal/capture.hpp"
#include "routing/names.hpp"

namespace picket::rehearsal {

class Timeline {
 public:
  // What is emitted next. The batch has one reference, which goes to the caller.
  struct Emission {
    std::int64_t at_ns = 0;  // since the start
    std::string instance;
    std::string port;
    picket_batch* batch = nullptr;
  };

  // Reads the files; fails when one cannot be read, or an event is none. `test` and `names` outlive it.
  static Result<Timeline> make(const config::Test& test, routing::Names& names);

  // False at the end.
  bool next(Emission& emission);

 private:
  // One item of the test's `events`.
  struct Generator {
    const config::TestEvents* item = nullptr;
    routing::BatchRef event;              // copied for each time
    std::vector<CapturedEvent> captured;  // of a file
    std::uint64_t done = 0;               // times, or captured events
  };
  struct Turn {
    std::int64_t at_ns = 0;
    std::size_t generator = 0;

    bool operator>(const Turn& other) const {
      return at_ns != other.at_ns ? at_ns > other.at_ns : generator > other.generator;
    }
  };

  Timeline(const config::Test& test, routing::Names& names) : test_(&test), names_(&names) {}
  void queue(std::size_t generator, std::int64_t not_before_ns);
  picket_batch* repeated(const Generator& generator) const;
  picket_batch* captured(const Generator& generator) const;

  const config::Test* test_;
  routing::Names* names_;
  std::vector<Generator> generators_;
  std::priority_queue<Turn, std::vector<Turn>, std::greater<>> turns_;
};

}  // namespace picket::rehearsal
