// SPDX-License-Identifier: Apache-2.0
//
// The step `aggregate`: gathers the values of each group in windows of time and hands on what they amount to. Windows
// are aligned to 1970 and follow the events' own time: time is as late as the newest event, and goes on with the
// monotonic clock while none comes. What is computed is in aggregate_functions.hpp.
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "routing/steps/aggregate_functions.hpp"
#include "routing/steps/group_table.hpp"
#include "routing/steps/ordered_output.hpp"
#include "routing/steps/step_catalogue.hpp"
#include "routing/steps/step_settings.hpp"

namespace picket::routing {
namespace {

constexpr char kAggregateSchema[] = R"json({
  "description": "One metric event for each group, window and function, called as the metric with the function behind it.",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "window": {"type": "string", "format": "duration", "default": "1m", "minimum": "100ms", "maximum": "366d",
      "description": "Length of a window. Windows are aligned to 1970-01-01 UTC and do not overlap."},
    "late": {"type": "string", "format": "duration", "default": "5s", "maximum": "366d",
      "description": "How long after its end a window waits for events that come late, at most ten windows."},
    "functions": {"type": "array", "minItems": 1, "maxItems": 32, "uniqueItems": true,
      "default": ["min", "max", "mean", "count"],
      "items": {"type": "string", "pattern": "^(min|max|mean|sum|count|first|last|p(100|[0-9]{1,2}(\\.[0-9]{1,4})?))$"},
      "description": "What to compute: min max mean sum count first last, and percentiles like p50, p99 or p99.9."},
    "value": {"type": "string", "maxLength": 65536, "default": "value",
      "description": "What is aggregated: an expression that is a number. If only `count` is wanted it is not looked at."},
    "by": {"type": "array", "maxItems": 16, "uniqueItems": true,
      "items": {"type": "string", "minLength": 1, "maxLength": 255},
      "description": "What tells groups apart: source, kind, severity, keys of fields. [] is one group of all events. Default: the series of a metric; source and kind of other events."},
    "name": {"type": "string", "minLength": 1, "maxLength": 255,
      "description": "The name of the results, before `.mean` and the like. Default: the metric's own."},
    "error": {"type": "number", "minimum": 0.002, "maximum": 0.1, "default": 0.01,
      "description": "How far a percentile may be from the value that it stands for, relative to that value."},
    "max_buckets": {"type": "integer", "minimum": 16, "maximum": 4096, "default": 1024,
      "description": "Most buckets, of 4 to 8 bytes, for the percentiles of one group; over them the lowest ones merge."},
    "max_groups": {"type": "integer", "minimum": 1, "maximum": 10000000, "default": 100000,
      "description": "How many groups a window may have; events of further ones are counted and not aggregated."},
    "pass": {"type": "boolean", "default": false, "description": "Whether the events that were aggregated go on as well."}
  }
})json";

// An event that claims to be from later than this is wrong about the time, and must not close windows.
constexpr std::int64_t kMostAhead = platform::kMinute;
constexpr std::int64_t kNoTime = std::numeric_limits<std::int64_t>::min();

std::vector<AggregateFunction> functions_of(const nlohmann::json& settings) {
  std::vector<AggregateFunction> functions;
  for (const nlohmann::json& text : settings.at("functions")) {
    if (!AggregateFunction::parse(text.get_ref<const std::string&>(), functions.emplace_back())) {
      throw std::runtime_error("'functions': no function is called " + text.dump());
    }
  }
  return functions;
}

class Aggregate final : public Step {
 public:
  Aggregate(const nlohmann::json& settings, const StepContext& context)
      : names_(context.names),
        clock_(context.clock),
        route_(context.route),
        grouping_(settings, context.names),
        value_(compiled_expression(settings, "value", context.names)),
        functions_(functions_of(settings)),
        shape_(settings.at("error"), settings.at("max_buckets")),
        window_(settings.at("window")),
        late_(settings.at("late")),
        max_groups_(settings.at("max_groups")),
        pass_(settings.at("pass")),
        name_(settings.value("name", "")),
        metric_(required_name(names_, "metric")),
        name_key_(required_name(names_, "name")),
        value_key_(required_name(names_, "value")) {
    using Kind = AggregateFunction::Kind;
    for (const AggregateFunction& function : functions_) {
      counts_only_ = counts_only_ && function.kind == Kind::count;
      sketches_ = sketches_ || function.kind == Kind::percentile;
    }
  }

  void process(const Events& in, Output& out) override {
    out_.begin(in, out);
    const std::int64_t now = clock_.monotonic_ns();
    latest_ = clock_.wall_ns() + kMostAhead;
    // The wall clock was set back: what is open would stay so, and keep everything new out.
    if (newest_ != kNoTime && newest_ > latest_) {
      close_until(std::numeric_limits<std::int64_t>::max());
      newest_ = kNoTime;
    }
    for (std::uint32_t i = 0; i < in.count(); ++i) take(in, i, now);
    out_.end();
  }

  std::int64_t due_ns() const override {
    if (windows_.empty()) return kNever;
    return newest_seen_ + std::max<std::int64_t>(0, windows_.front().start + window_ + late_ - newest_);
  }

  void tick(std::int64_t now, Output& out) override {
    if (now < due_ns()) return;
    out_.begin(out);
    newest_ += now - newest_seen_;
    newest_seen_ = now;
    close_until(newest_ - late_);
    out_.end();
  }

  void finish(Output& out) override {
    out_.begin(out);
    close_until(std::numeric_limits<std::int64_t>::max());
    out_.end();
  }

  std::uint64_t held() const override {
    std::uint64_t groups = 0;
    for (const Window& window : windows_) groups += window.groups.size();
    return groups;
  }
  std::uint64_t over_limit() const override { return over_limit_; }

 private:
  struct Window {
    std::int64_t start;  // UTC ns
    GroupTable<AggregateState> groups;
  };

  void take(const Events& in, std::uint32_t position, std::int64_t now) {
    const picket_batch& batch = in.batch();
    const picket_event& event = in[position];
    double number = 0;
    if (!counts_only_) {
      const Value value = value_.evaluate(batch, event);
      number = value.is_number() ? value.as_real() : std::nan("");
    }
    const bool fit = std::isfinite(number) && (!name_.empty() || has_name(batch, event));
    if (!fit) return out_.pass(position);
    advance(event.time_ns, now);
    if (pass_) out_.pass(position);
    Window* const window = window_of(event.time_ns);
    GroupKey key;
    if (window == nullptr || !grouping_.key_of(batch, event, key)) {
      ++over_limit_;
      return;
    }
    std::uint32_t index = window->groups.find(key);
    if (index == GroupTable<AggregateState>::kNone) index = window->groups.add(key);
    if (index == GroupTable<AggregateState>::kNone) {
      ++over_limit_;
      return;
    }
    AggregateState& state = window->groups[index];
    if (counts_only_) return state.count_one();
    state.add(event.time_ns, number);
    if (sketches_) state.add_to_sketch(shape_, number);
  }

  bool has_name(const picket_batch& batch, const picket_event& event) const {
    if (grouping_.series() && event.kind != metric_) return false;
    const picket_field* const name = picket_batch_find(&batch, &event, name_key_);
    return name != nullptr && (name->type == PICKET_TYPE_NAME || name->type == PICKET_TYPE_TEXT);
  }

  // Time is as late as the newest event.
  void advance(std::int64_t time_ns, std::int64_t now) {
    if (time_ns > latest_ || (newest_ != kNoTime && time_ns <= newest_)) return;
    newest_ = time_ns;
    newest_seen_ = now;
    if (!windows_.empty()) close_until(newest_ - late_);
  }

  // Where an event of that time belongs; null when it is too late or from the future.
  Window* window_of(std::int64_t time_ns) {
    if (time_ns > latest_) return nullptr;
    const std::int64_t start = time_ns - (time_ns % window_ + window_) % window_;
    if (start + window_ <= newest_ - late_) return nullptr;
    auto at = windows_.end();
    while (at != windows_.begin() && std::prev(at)->start > start) --at;
    if (at != windows_.begin() && std::prev(at)->start == start) return &*std::prev(at);
    return &*windows_.insert(at, Window{start, GroupTable<AggregateState>(max_groups_)});
  }

  // Writes the windows that end at `time_ns` or before it.
  void close_until(std::int64_t time_ns) {
    while (!windows_.empty() && windows_.front().start + window_ <= time_ns) {
      const Window window = std::move(windows_.front());
      windows_.erase(windows_.begin());
      for (std::uint32_t index = window.groups.first(); index != GroupTable<AggregateState>::kNone;
           index = window.groups.after(index)) {
        write(window, index);
        out_.flush_large();
      }
    }
  }

  void write(const Window& window, std::uint32_t index) {
    const std::string_view key = window.groups.key(index);
    const AggregateState& state = window.groups[index];
    text_.assign(name_.empty() ? name_in(key) : name_);
    const std::size_t length = text_.size();
    for (const AggregateFunction& function : functions_) {
      const bool count = function.kind == AggregateFunction::Kind::count;
      const double value = count ? 0 : state.value_of(function, shape_);
      if (!std::isfinite(value)) continue;
      EventWriter& writer = out_.writer();
      picket_event& event = writer.begin(metric_);
      event.time_ns = window.start;
      event.source = Grouping::source(key) != 0 ? Grouping::source(key) : route_;
      event.severity = Grouping::severity(key);
      text_.resize(length);
      text_ += function.suffix;
      if (const picket_name known = names_.find(text_))
        writer.set_name(name_key_, known);
      else
        writer.set_text(name_key_, text_);
      if (count)
        writer.set_integer(value_key_, static_cast<std::int64_t>(state.count()));
      else
        writer.set_real(value_key_, value);
      Grouping::write(key, writer, names_, name_key_);
    }
  }

  std::string_view name_in(std::string_view key) const {
    std::string_view labels = Grouping::labels_of(key);
    Grouping::Label label;
    while (Grouping::next(labels, label)) {
      if (label.name == name_key_) return label.value.as_text();
    }
    return {};
  }

  Names& names_;
  const platform::Clock& clock_;
  picket_name route_;
  Grouping grouping_;
  Expression value_;
  std::vector<AggregateFunction> functions_;
  bool counts_only_ = true;
  bool sketches_ = false;
  SketchShape shape_;
  std::int64_t window_, late_;
  std::uint32_t max_groups_;
  bool pass_;
  std::string name_;
  picket_name metric_, name_key_, value_key_;

  std::vector<Window> windows_;    // those that are open, oldest first; at most twelve, since `late` is limited
  std::int64_t newest_ = kNoTime;  // the time that it is: no window that ended `late` before it is open
  std::int64_t newest_seen_ = 0;   // monotonic ns at which it was that time
  std::int64_t latest_ = 0;        // events of later times are wrong
  OrderedOutput out_;
  std::uint64_t over_limit_ = 0;
  std::string text_;  // scratch
};

std::unique_ptr<Step> make_aggregate(const nlohmann::json& settings, const StepContext& context) {
  return std::make_unique<Aggregate>(settings, context);
}

std::vector<StepProblem> check_aggregate(const nlohmann::json& settings, Names& names) {
  SettingsCheck check(settings, names);
  check.number("value");
  check.by();
  if (settings.at("late").get<std::int64_t>() / 10 > settings.at("window").get<std::int64_t>()) {
    check.add("/late", "more than ten times `window`: that many windows would be open at once");
  }
  if (!check.sound()) return check.take();  // what follows wants a sound `by`
  const bool by_name = !settings.contains("by") || Grouping(settings, names).tells_apart("name");
  if (!settings.contains("name") && !by_name) {
    check.add("/by", "the results have no name: add `name` to `by`, or say what they are called with `name: ...`");
  }
  if (settings.contains("name") && settings.contains("by") && by_name) {
    check.add("/name", "would replace the `name` that `by` tells groups apart by; leave one of them out");
  }
  return check.take();
}

}  // namespace

const StepType kAggregateStep = {"aggregate", "Gather values in windows of time and hand on what they amount to",
                                 kAggregateSchema, make_aggregate, check_aggregate};

}  // namespace picket::routing
