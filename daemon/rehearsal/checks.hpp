// SPDX-License-Identifier: Apache-2.0
//
// What a test expects, against what a rehearsal has recorded. One thread.
#pragma once

#include <vector>

#include "config/test_model.hpp"
#include "rehearsal/rehearsal.hpp"
#include "rehearsal/runner.hpp"

namespace picket::rehearsal {

// Every expectation of `test` that does not hold, in its order. Differences name the recorded event that has most in
// common with the one that did not come.
std::vector<Failure> check_expectations(const config::Test& test, Rehearsal& rehearsal);

}  // namespace picket::rehearsal
