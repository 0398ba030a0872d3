// SPDX-License-Identifier: Apache-2.0
//
// Verdicts of tests for people, for programs, and for build servers. Single thread.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "rehearsal/runner.hpp"

namespace picket::rehearsal {

// A verdict and how long it took on this machine's clock, the one thing in it that is not always the same.
struct Timed {
  TestResult result;
  std::int64_t took_ns = 0;
};

struct ReportStyle {
  bool colour = false;
  bool verbose = false;  // also what happened in tests that passed
};

// One test: a line, and below it, if it failed, each expectation that does not hold with its differences.
void print_result(const Timed& timed, const ReportStyle& style, std::ostream& out);
// "3 passed, 1 failed".
std::string summary(const std::vector<Timed>& all);

// {"passed": n, "failed": n, "tests": [{name, file, line, passed, error?, failures: [...], ...}]}
nlohmann::ordered_json report_json(const std::vector<Timed>& all);

// JUnit's XML, as build servers read it: one suite, a testcase for each test, named by its file. Characters that XML
// cannot hold become U+FFFD.
std::string junit(const std::vector<Timed>& all);

}  // namespace picket::rehearsal
