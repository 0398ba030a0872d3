// SPDX-License-Identifier: Apache-2.0
//
// Runs one test of the configuration from its start to its verdict. One thread; touches nothing but captured files.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/model.hpp"
#include "picket/result.hpp"

namespace picket::rehearsal {

// One line of a difference.
struct Compared {
  std::string what;      // "at", "severity", a key
  std::string expected;  // as the configuration says it; empty: nothing is
  std::string actual;    // as JSON, or a time; empty: there is none
  bool same = false;
};

// One thing that is not as expected, beside what comes nearest to it.
struct Difference {
  std::string title;
  std::vector<Compared> lines;
};

// An expectation that does not hold.
struct Failure {
  config::Location where;
  std::string message;  // one line
  std::vector<Difference> differences;
  std::vector<std::string> notes;  // further lines: what arrived, where the events went
};

struct TestResult {
  std::string name;
  config::Location where;
  std::vector<Failure> failures;
  std::string error;  // why it could not be run to its end; empty: it was

  // What happened.
  std::int64_t simulated_ns = 0;
  std::uint64_t emitted = 0;
  std::uint64_t delivered = 0;
  std::uint64_t calls = 0;

  bool passed() const { return failures.empty() && error.empty(); }
};

// Nothing of `model` but its routes is used. The same model and test give the same result, always.
TestResult run_test(const config::Model& model, const config::Test& test);

// Why a test cannot be run although the configuration is good: a file of captured events that is not there, or wrong.
Result<void> check_files(const config::Test& test);

}  // namespace picket::rehearsal
