// SPDX-License-Identifier: Apache-2.0
//
// The values of a few expressions as one key: what makes two events alike for `by`. One thread at a time.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "routing/expression/expression.hpp"
#include "routing/steps/step.hpp"

namespace picket::routing {

class EventKey {
 public:
  // Of a text, this much counts as it is; what is longer is told apart by its length and a hash.
  static constexpr std::size_t kMaxText = 256;  // bytes

  // `expressions`: a JSON list of texts. Throws std::runtime_error when one does not compile.
  EventKey(const nlohmann::json& expressions, Names& names);

  bool empty() const { return expressions_.empty(); }
  // Equal for events whose values are equal in type and value. Valid until the next call.
  std::string_view of(const picket_batch& batch, const picket_event& event);
  // The same for people: "web1, 404"; at most about 1 KiB. Valid until the next call.
  std::string_view written(const picket_batch& batch, const picket_event& event);

  // The same number for the same bytes, in every process and version.
  static std::uint64_t hash(std::string_view key);

 private:
  std::vector<Expression> expressions_;
  std::string key_;
  std::string written_;
};

// The problems of a list of expressions below `pointer`.
void check_expressions(const nlohmann::json& list, const std::string& pointer, Names& names,
                       std::vector<StepProblem>& problems);
// Of one.
void check_expression(const std::string& text, const std::string& pointer, Names& names,
                      std::vector<StepProblem>& problems);

}  // namespace picket::routing
