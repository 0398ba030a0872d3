// SPDX-License-Identifier: Apache-2.0
//
// One expected event or call against one that was recorded. Internal to this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/test_model.hpp"
#include "picket/result.hpp"
#include "rehearsal/runner.hpp"
#include "routing/batch.hpp"
#include "routing/expression/expression.hpp"
#include "routing/names.hpp"

namespace picket::rehearsal {

// An event that was delivered; or a call, whose argument is looked at as the fields of an event.
struct Actual {
  std::int64_t at_ns = 0;
  routing::BatchRef batch;
  std::uint32_t index = 0;
  std::string text;  // of a call: its argument

  const picket_event& event() const { return batch->events[index]; }
};

// `at` as tests write it: "30s", "1m500ms".
std::string offset_text(std::int64_t at_ns);

class Matcher {
 public:
  // `match` and `names` outlive it. Fails where an expression does not compile, which the configuration's check has
  // seen before.
  static Result<Matcher> compile(const config::TestMatch& match, routing::Names& names);

  bool matches(const Actual& actual) const;
  // Every line of the comparison: time, values, condition.
  std::vector<Compared> compare(const Actual& actual) const;
  // What is expected, beside nothing.
  std::vector<Compared> expected_alone() const;
  // How far the time is off; 0 when it fits or does not matter.
  std::int64_t time_off(const Actual& actual) const;

 private:
  Matcher(const config::TestMatch& match, routing::Names& names) : match_(&match), names_(&names) {}
  bool value_matches(std::size_t index, const Actual& actual) const;
  std::string value_text(const config::TestValue& value, const Actual& actual) const;
  std::string expected_time() const;

  const config::TestMatch* match_;
  routing::Names* names_;
  std::vector<std::optional<routing::Filter>> values_;  // as match_->values
  std::optional<routing::Filter> where_;
};

}  // namespace picket::rehearsal
