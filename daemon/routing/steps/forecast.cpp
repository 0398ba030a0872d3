// SPDX-License-Identifier: Apache-2.0
//
// The step `forecast`: lays a straight line through the newest values of each group and raises an alert when the line
// reaches a limit soon. The line is trend.hpp; the alert's life is that of `threshold` (alerts.hpp).
#include <cmath>
#include <nlohmann/json.hpp>

#include "routing/steps/alert_schema.hpp"
#include "routing/steps/alerts.hpp"
#include "routing/steps/step_catalogue.hpp"
#include "routing/steps/trend.hpp"

namespace picket::routing {
namespace {

constexpr std::string_view kForecastOwn = R"json({
  "description": "Lays a straight line through the newest values of each group and tells when it reaches the limit soon.",
  "type": "object",
  "additionalProperties": false,
  "required": ["reaches", "within"],
  "properties": {
    "reaches": {"type": "number", "description": "The limit, as 0 of what is free or 1.0 of what can be used."},
    "within": {"type": "string", "format": "duration", "minimum": "1s", "maximum": "3650d",
      "description": "The alert is raised when the line reaches the limit in less than this."},
    "clear_within": {"type": "string", "format": "duration", "default": "0s", "maximum": "3650d",
      "description": "It is cleared when the limit is farther away than this. 0s: one and a half times `within`."},
    "heading": {"enum": ["any", "rising", "falling"], "default": "any",
      "description": "From which side the limit is reached. Beyond the limit it counts as reached, but with `any` only if an alert foretold it."},
    "value": {"type": "string", "maxLength": 65536, "default": "value",
      "description": "What is foretold: an expression that is a number. Events without one are not judged."},
    "window": {"type": "string", "format": "duration", "default": "1h", "minimum": "1s", "maximum": "365d",
      "description": "How far back values count."},
    "min_points": {"type": "integer", "minimum": 3, "maximum": 1000000, "default": 10,
      "description": "The fewest values that a line may be laid through."},
    "min_cover": {"type": "number", "minimum": 0, "maximum": 0.9, "default": 0.25,
      "description": "The part of the window that they have to span."},
    "min_confidence": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.7,
      "description": "The least coefficient of determination (r squared) of a line that raises the alert."},
    "message": {"type": "string", "maxLength": 4096,
      "default": "{alert.rule} {alert.state}: {forecast.limit} {if exists forecast.in then 'in ' else 'is not near'}{if exists forecast.in then forecast.in else '':duration}",
      "description": "The alert's text, with expressions over the alert's fields in braces: {forecast.in:duration}."})json";

constexpr double kFarthest = 100.0 * 365 * 86'400;  // seconds; what is farther away is never reached

class Forecast final : public Step {
 public:
  Forecast(const nlohmann::json& settings, const StepContext& context)
      : clock_(context.clock),
        grouping_(settings, context.names),
        value_(compiled_expression(settings, "value", context.names)),
        reaches_(settings.at("reaches")),
        within_(1e-9 * settings.at("within").get<double>()),
        clear_within_(1e-9 * settings.at("clear_within").get<double>()),
        heading_(settings.at("heading") == "rising"    ? 1
                 : settings.at("heading") == "falling" ? -1
                                                       : 0),
        window_(settings.at("window")),
        min_points_(settings.at("min_points")),
        min_span_(settings.at("min_cover").get<double>() * 1e-9 * static_cast<double>(window_)),
        min_confidence_(settings.at("min_confidence")),
        pass_(settings.at("pass")),
        groups_(settings.at("max_groups").get<std::uint32_t>()),
        alerts_(settings, context, value_.fields()),
        keys_{required_name(context.names, "forecast.slope"), required_name(context.names, "forecast.confidence"),
              required_name(context.names, "forecast.limit"), required_name(context.names, "forecast.in"),
              required_name(context.names, "forecast.time")} {
    if (clear_within_ == 0) clear_within_ = 1.5 * within_;
  }

  void process(const Events& in, Output& out) override {
    out_.begin(in, out);
    const std::int64_t now = clock_.monotonic_ns();
    forget_silent(now);
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

  std::uint64_t held() const override { return groups_.size(); }
  std::uint64_t over_limit() const override { return over_limit_ + alerts_.over_limit(); }

 private:
  struct Group {
    Trend trend;
    std::int64_t seen = 0;  // monotonic ns
    int heading = 0;        // of the alert that it is in: 1 rising, -1 falling
  };

  // Lines of groups from which nothing came for a whole window are of no use. A few at each call: constant time.
  void forget_silent(std::int64_t now) {
    for (int i = 0; i < 4 && groups_.size() != 0 && now - groups_[groups_.first()].seen > window_; ++i) {
      groups_.remove(groups_.first());
    }
  }

  void judge(const picket_batch& batch, const picket_event& event, std::int64_t now) {
    const Value value = value_.evaluate(batch, event);
    if (!value.is_number() || !std::isfinite(value.as_real())) return;
    const double number = value.as_real();
    GroupKey key;
    if (!grouping_.key_of(batch, event, key)) {
      ++over_limit_;
      return;
    }
    std::uint32_t index = groups_.find(key);
    if (index == GroupTable<Group>::kNone && groups_.full()) forget_silent(now);
    if (index == GroupTable<Group>::kNone) index = groups_.add(key);
    if (index == GroupTable<Group>::kNone) {
      ++over_limit_;
      return;
    }
    groups_.touch(index);
    Group& group = groups_[index];
    group.seen = now;
    group.trend.add(window_, event.time_ns, number);
    const TrendFit fit = group.trend.fit();
    const double seconds = until(fit, group.heading != 0 ? group.heading : heading_);
    const AlertInput input = judge_fit(fit, seconds);
    if (input == AlertInput::raise && group.heading == 0) group.heading = fit.slope > 0 ? 1 : -1;
    if (input == AlertInput::clear) group.heading = 0;
    if (input != AlertInput::raise && !alerts_.watching()) return;
    const bool reached = seconds <= kFarthest;
    const auto in_ns = reached ? static_cast<std::int64_t>(seconds * 1e9) : 0;
    const std::array<AlertFigure, 5> figures = {{{keys_.slope, Value::real(fit.slope)},
                                                 {keys_.confidence, Value::real(fit.confidence)},
                                                 {keys_.limit, Value::real(reaches_)},
                                                 {keys_.in, Value::integer(in_ns)},
                                                 {keys_.time, Value::integer(event.time_ns + in_ns)}}};
    alerts_.see(key, now, input, batch, event, std::span(figures).first(reached ? 5 : 3), out_);
  }

  // Seconds until the line reaches the limit; infinite: it does not.
  double until(const TrendFit& fit, int heading) const {
    const double distance = reaches_ - fit.value;
    if (heading != 0 && distance * heading <= 0) return 0;
    const double seconds = distance / fit.slope;
    if (fit.slope == 0 || seconds <= 0 || (heading != 0 && fit.slope * heading <= 0)) return HUGE_VAL;
    return seconds;
  }

  // A line that fits badly raises nothing, but is good enough to say that the limit is far.
  AlertInput judge_fit(const TrendFit& fit, double seconds) const {
    if (fit.points < min_points_ || fit.span < min_span_) return AlertInput::unknown;
    if (seconds > clear_within_) return AlertInput::clear;
    if (seconds > within_) return AlertInput::between;
    return fit.confidence >= min_confidence_ || seconds == 0 ? AlertInput::raise : AlertInput::unknown;
  }

  const platform::Clock& clock_;
  Grouping grouping_;
  Expression value_;
  double reaches_;
  double within_, clear_within_;  // seconds
  int heading_;
  std::int64_t window_;
  double min_points_, min_span_, min_confidence_;
  bool pass_;
  GroupTable<Group> groups_;
  Alerts alerts_;
  struct {
    picket_name slope, confidence, limit, in, time;
  } keys_;
  OrderedOutput out_;
  std::uint64_t over_limit_ = 0;
};

std::unique_ptr<Step> make_forecast(const nlohmann::json& settings, const StepContext& context) {
  return std::make_unique<Forecast>(settings, context);
}

std::vector<StepProblem> check_forecast(const nlohmann::json& settings, Names& names) {
  SettingsCheck check(settings, names);
  check.number("value");
  check_alert_settings(settings, check);
  const std::int64_t within = settings.at("within");
  const std::int64_t clear = settings.at("clear_within");
  if (clear != 0 && clear < within) check.add("/clear_within", "has to be as long as `within` or longer");
  return check.take();
}

}  // namespace

const StepType kForecastStep = {"forecast", "Raise an alert when values head for a limit",
                                Joined<kForecastOwn, kAlertProperties>::kText.data(), make_forecast, check_forecast};

}  // namespace picket::routing
