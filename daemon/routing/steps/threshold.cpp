// SPDX-License-Identifier: Apache-2.0
//
// The step `threshold`: judges every event by a condition and tells of the alarm that follows. The state machine is
// alert_machine.hpp, what it says is written by alerts.hpp.
#include <nlohmann/json.hpp>
#include <optional>

#include "routing/steps/alert_schema.hpp"
#include "routing/steps/alerts.hpp"
#include "routing/steps/step_catalogue.hpp"

namespace picket::routing {
namespace {

constexpr std::string_view kThresholdOwn = R"json({
  "description": "Judges each event by its group and tells when the alert is raised, still there, and cleared.",
  "type": "object",
  "additionalProperties": false,
  "required": ["raise"],
  "properties": {
    "raise": {"type": "string", "maxLength": 65536,
      "description": "The condition that raises the alert. Where it is null (a field is not there), it says nothing."},
    "clear": {"type": "string", "maxLength": 65536,
      "description": "The condition that clears it. Default: that `raise` is false."},
    "message": {"type": "string", "maxLength": 4096,
      "default": "{alert.rule} {alert.state}{if exists value then concat(', value ', text(value)) else ''}",
      "description": "The alert's text, with expressions over the alert's fields in braces: {value:.0%}, {alert.duration:duration}."})json";

// "clear" left out: that `raise` is false.
Truth contrary(Truth raise) {
  return truth_of(raise == Truth::no);
}

class Threshold final : public Step {
 public:
  Threshold(const nlohmann::json& settings, const StepContext& context)
      : clock_(context.clock),
        grouping_(settings, context.names),
        raise_(compiled_filter(settings, "raise", context.names)),
        pass_(settings.at("pass")),
        alerts_(settings, context, decisive_fields(settings, context.names)) {
    if (settings.contains("clear")) clear_ = compiled_filter(settings, "clear", context.names);
  }

  void process(const Events& in, Output& out) override {
    out_.begin(in, out);
    const std::int64_t now = clock_.monotonic_ns();
    for (std::uint32_t i = 0; i < in.count(); ++i) {
      if (pass_) out_.pass(i);
      judge(in.batch(), in[i], now);
    }
    out_.end();
  }

  std::int64_t due_ns() const override { return alerts_.due_ns(); }

  void tick(std::int64_t now, Output& out) override {
    out_.begin(out);
    alerts_.tick(now, out_);
    out_.end();
  }

  void finish(Output& out) override {
    out_.begin(out);
    alerts_.finish(clock_.monotonic_ns(), out_);
    out_.end();
  }

  std::uint64_t held() const override { return alerts_.held(); }
  std::uint64_t over_limit() const override { return too_wide_ + alerts_.over_limit(); }

 private:
  static std::vector<std::string> decisive_fields(const nlohmann::json& settings, Names& names) {
    std::vector<std::string> fields = compiled_filter(settings, "raise", names).fields();
    if (settings.contains("clear")) {
      for (std::string& field : compiled_filter(settings, "clear", names).fields()) fields.push_back(std::move(field));
    }
    return fields;
  }

  void judge(const picket_batch& batch, const picket_event& event, std::int64_t now) {
    const Truth raise = raise_.test(batch, event);
    if (raise != Truth::yes && !alerts_.watching()) return;
    const Truth clear = clear_ ? clear_->test(batch, event) : contrary(raise);
    GroupKey key;
    if (!grouping_.key_of(batch, event, key)) {
      ++too_wide_;
      return;
    }
    alerts_.see(key, now, alert_input(raise, clear), batch, event, {}, out_);
  }

  const platform::Clock& clock_;
  Grouping grouping_;
  Filter raise_;
  std::optional<Filter> clear_;
  bool pass_;
  Alerts alerts_;
  OrderedOutput out_;
  std::uint64_t too_wide_ = 0;
};

std::unique_ptr<Step> make_threshold(const nlohmann::json& settings, const StepContext& context) {
  return std::make_unique<Threshold>(settings, context);
}

std::vector<StepProblem> check_threshold(const nlohmann::json& settings, Names& names) {
  SettingsCheck check(settings, names);
  check.filter("raise");
  check.filter("clear");
  check_alert_settings(settings, check);
  return check.take();
}

}  // namespace

const StepType kThresholdStep = {"threshold", "Raise an alert while a condition holds",
                                 Joined<kThresholdOwn, kAlertProperties>::kText.data(), make_threshold,
                                 check_threshold};

}  // namespace picket::routing
