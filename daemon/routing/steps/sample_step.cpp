// SPDX-License-Identifier: Apache-2.0
//
// `sample`: lets a part of the events pass, by count or by a hash of what `by` gives. Deterministic: no randomness.
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "routing/steps/event_key.hpp"
#include "routing/steps/step_catalogue.hpp"

namespace picket::routing {
namespace {

constexpr const char* kSampleSchema = R"json({
  "type": "object",
  "description": "Lets a part of the events pass. The same events give the same sample; by a field, all events of one value stay together.",
  "properties": {
    "one_in": {"type": "integer", "minimum": 1, "maximum": 1000000000,
               "description": "Every N-th event passes, beginning with the first."},
    "fraction": {"type": "number", "minimum": 0, "maximum": 1,
                 "description": "The part of the events that passes, evenly spread; with `by`, the part of its values."},
    "by": {"type": "array", "maxItems": 16, "default": [], "items": {"type": "string", "maxLength": 65536},
           "description": "With `fraction`: expressions whose values decide, like [trace_id]."}
  }
})json";

class SampleStep final : public Step {
 public:
  SampleStep(const nlohmann::json& settings, const StepContext& context)
      : one_in_(settings.value("one_in", std::uint64_t{0})),
        fraction_(settings.value("fraction", 1.0)),
        key_(settings.value("by", nlohmann::json::array()), context.names) {
    // As much of the hashes as the fraction says; 2^64 itself does not fit.
    const double limit = std::ldexp(fraction_, 64);
    all_hashes_ = limit >= std::ldexp(1.0, 64);
    hash_limit_ = all_hashes_ ? 0 : static_cast<std::uint64_t>(limit);
  }

  void process(const Events& in, Output& out) override {
    kept_.clear();
    for (std::uint32_t i = 0; i < in.count(); ++i) {
      if (passes(in.batch(), in[i])) kept_.push_back(in.index(i));
    }
    out.pass(in, kept_);
  }

 private:
  bool passes(const picket_batch& batch, const picket_event& event) {
    if (one_in_ != 0) {
      const bool first = count_ == 0;
      count_ = count_ + 1 == one_in_ ? 0 : count_ + 1;
      return first;
    }
    if (!key_.empty()) return all_hashes_ || EventKey::hash(key_.of(batch, event)) < hash_limit_;
    due_ += fraction_;
    if (due_ < 1) return false;
    due_ -= 1;
    return true;
  }

  const std::uint64_t one_in_;  // 0: by fraction
  const double fraction_;
  EventKey key_;
  bool all_hashes_ = false;
  std::uint64_t hash_limit_ = 0;
  std::uint64_t count_ = 0;  // events since the last that passed by count
  double due_ = 0;           // how much of an event is due to pass
  std::vector<std::uint32_t> kept_;
};

std::vector<StepProblem> check_sample(const nlohmann::json& settings, Names& names) {
  std::vector<StepProblem> problems;
  const bool by_count = settings.contains("one_in");
  const bool by_fraction = settings.contains("fraction");
  if (by_count == by_fraction) problems.push_back({"", 0, "needs either `one_in` or `fraction`"});
  const nlohmann::json by = settings.value("by", nlohmann::json::array());
  if (by_count && !by.empty()) problems.push_back({"/by", 0, "goes with `fraction` only"});
  check_expressions(by, "/by", names, problems);
  return problems;
}

}  // namespace

const StepType kSampleStep = {"sample", "Let a part of the events pass, by count or by the value of a field",
                              kSampleSchema,
                              [](const nlohmann::json& settings, const StepContext& context) -> std::unique_ptr<Step> {
                                return std::make_unique<SampleStep>(settings, context);
                              },
                              check_sample};

}  // namespace picket::routing
