// SPDX-License-Identifier: Apache-2.0
//
// The step `rate`: makes of a counter's successive values how much it grows in a second. Remembers the last value of
// each series.
#include <cmath>
#include <nlohmann/json.hpp>

#include "routing/expression/glob.hpp"
#include "routing/steps/group_table.hpp"
#include "routing/steps/ordered_output.hpp"
#include "routing/steps/step_catalogue.hpp"
#include "routing/steps/step_settings.hpp"

namespace picket::routing {
namespace {

constexpr char kRateSchema[] = R"json({
  "description": "Remembers the last value of each counter and hands on the difference to the next, divided by the time between them.",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "names": {"type": "array", "minItems": 1, "maxItems": 64, "default": ["*"],
      "items": {"type": "string", "minLength": 1, "maxLength": 255},
      "description": "Which metrics are counters: patterns of names, as of `like`. All other events pass as they are."},
    "by": {"type": "array", "maxItems": 16, "uniqueItems": true,
      "items": {"type": "string", "minLength": 1, "maxLength": 255},
      "description": "What tells counters apart: source, kind, severity, keys of fields. Default: the series, which is source, name and attributes."},
    "name": {"type": "string", "minLength": 1, "maxLength": 255,
      "description": "The name of the result. Default: the counter's own with `.rate` behind it."},
    "max_gap": {"type": "string", "format": "duration", "default": "5m", "minimum": "1ms", "maximum": "365d",
      "description": "Two values farther apart than this give no rate."},
    "max_groups": {"type": "integer", "minimum": 1, "maximum": 10000000, "default": 100000,
      "description": "How many counters may be remembered; values of further ones are counted and give no rate."},
    "pass": {"type": "boolean", "default": false, "description": "Whether the counters go on as well, before their rates."}
  }
})json";

constexpr std::string_view kSuffix = ".rate";

class Rate final : public Step {
 public:
  Rate(const nlohmann::json& settings, const StepContext& context)
      : names_(context.names),
        clock_(context.clock),
        grouping_(settings, context.names),
        max_gap_(settings.at("max_gap")),
        pass_(settings.at("pass")),
        metric_(required_name(names_, "metric")),
        name_key_(required_name(names_, "name")),
        value_key_(required_name(names_, "value")),
        groups_(settings.at("max_groups").get<std::uint32_t>()) {
    if (const auto name = settings.find("name"); name != settings.end()) {
      result_ = required_name(names_, name->get_ref<const std::string&>());
    }
    for (const nlohmann::json& pattern : settings.at("names")) {
      auto glob = expression::Glob::compile(pattern.get_ref<const std::string&>());
      if (!glob) throw std::runtime_error("'names': a pattern ends in a lone backslash");
      if (pattern == "*") any_name_ = true;
      globs_.push_back(std::move(*glob));
    }
  }

  void process(const Events& in, Output& out) override {
    out_.begin(in, out);
    now_ = clock_.monotonic_ns();
    forget_silent();
    for (std::uint32_t i = 0; i < in.count(); ++i) take(in, i);
    out_.end();
  }

  std::uint64_t held() const override { return groups_.size(); }
  std::uint64_t over_limit() const override { return over_limit_; }

 private:
  // A value, exactly: differences of large integers must not be those of doubles.
  struct Last {
    std::int64_t time = 0;  // of the event, UTC ns
    std::int64_t seen = 0;  // monotonic ns
    bool whole = false;
    union {
      std::int64_t integer = 0;
      double real;
    };
  };

  // Counters that have been silent for so long give no rate anyway. A few at each call: constant time.
  void forget_silent() {
    for (int i = 0; i < 4 && groups_.size() != 0 && now_ - groups_[groups_.first()].seen > max_gap_; ++i) {
      groups_.remove(groups_.first());
    }
  }

  bool chosen(std::string_view name) const {
    if (any_name_) return true;
    for (const expression::Glob& glob : globs_) {
      if (glob.matches(name)) return true;
    }
    return false;
  }

  void take(const Events& in, std::uint32_t position) {
    const picket_batch& batch = in.batch();
    const picket_event& event = in[position];
    const picket_field* const value = event.kind == metric_ ? picket_batch_find(&batch, &event, value_key_) : nullptr;
    const bool number = value != nullptr && (value->type == PICKET_TYPE_INT ||
                                             (value->type == PICKET_TYPE_DOUBLE && std::isfinite(value->value.f)));
    const Value name = number ? name_of(batch, event) : Value();
    if (!name.is_text() || !chosen(name.as_text())) return out_.pass(position);
    if (pass_) out_.pass(position);
    GroupKey key;
    if (!grouping_.key_of(batch, event, key)) {
      ++over_limit_;
      return;
    }
    Last current;
    current.time = event.time_ns;
    current.seen = now_;
    current.whole = value->type == PICKET_TYPE_INT;
    if (current.whole)
      current.integer = value->value.i;
    else
      current.real = value->value.f;
    std::uint32_t index = groups_.find(key);
    if (index == GroupTable<Last>::kNone) {
      index = groups_.add(key);
      if (index == GroupTable<Last>::kNone)
        ++over_limit_;
      else
        groups_[index] = current;
      return;
    }
    groups_.touch(index);
    Last& last = groups_[index];
    last.seen = now_;
    // Told twice, or out of order: nothing new. Unless the clock was set back.
    if (current.time <= last.time && last.time - current.time <= max_gap_) return;
    const double rate = rate_between(last, current);
    last = current;
    if (std::isfinite(rate)) write(batch, event, name.as_text(), rate);
  }

  Value name_of(const picket_batch& batch, const picket_event& event) const {
    return expression::field_value({&batch, &event, &names_}, picket_batch_find(&batch, &event, name_key_));
  }

  // Growth in a second; NaN when there is none to tell. A counter that fell has begun again at zero.
  double rate_between(const Last& last, const Last& now) const {
    const std::int64_t elapsed = now.time - last.time;
    if (elapsed <= 0 || elapsed > max_gap_) return std::nan("");
    double growth = 0;
    if (last.whole && now.whole && last.integer >= 0) {
      growth = static_cast<double>(now.integer >= last.integer ? now.integer - last.integer : now.integer);
    } else {
      const double before = last.whole ? static_cast<double>(last.integer) : last.real;
      const double after = now.whole ? static_cast<double>(now.integer) : now.real;
      growth = after >= before ? after - before : after;
    }
    if (growth < 0) return std::nan("");  // it fell below zero, so it is no counter
    return growth / (1e-9 * static_cast<double>(elapsed));
  }

  void write(const picket_batch& batch, const picket_event& event, std::string_view name, double rate) {
    EventWriter& writer = out_.writer();
    picket_event& made = writer.begin_copy(event);
    if (pass_) made.sequence = 0;  // the original keeps its own
    for (std::uint32_t i = 0; i < event.field_count; ++i) {
      const picket_field& field = batch.fields[event.first_field + i];
      if (field.key == value_key_) {
        writer.set_real(value_key_, rate);
      } else if (field.key != name_key_) {
        writer.field(batch, field);
      } else if (result_ != 0) {
        writer.set_name(name_key_, result_);
      } else {
        text_.assign(name).append(kSuffix);
        if (const picket_name known = known_name(name))
          writer.set_name(name_key_, known);
        else
          writer.set_text(name_key_, text_);
      }
    }
  }

  // The result's interned name. Of what is named by an outside peer nothing is interned.
  picket_name known_name(std::string_view name) {
    if (name == last_name_) return last_result_;
    last_name_ = name;
    last_result_ = names_.find(name) != 0 ? names_.intern(text_) : 0;
    return last_result_;
  }

  Names& names_;
  const platform::Clock& clock_;
  Grouping grouping_;
  std::vector<expression::Glob> globs_;
  bool any_name_ = false;
  std::int64_t max_gap_;
  bool pass_;
  picket_name metric_, name_key_, value_key_;
  picket_name result_ = 0;
  GroupTable<Last> groups_;
  OrderedOutput out_;
  std::int64_t now_ = 0;
  std::uint64_t over_limit_ = 0;
  std::string text_;       // scratch
  std::string last_name_;  // the name that was looked up last, and its result
  picket_name last_result_ = 0;
};

std::unique_ptr<Step> make_rate(const nlohmann::json& settings, const StepContext& context) {
  return std::make_unique<Rate>(settings, context);
}

std::vector<StepProblem> check_rate(const nlohmann::json& settings, Names& names) {
  SettingsCheck check(settings, names);
  check.by();
  const nlohmann::json& patterns = settings.at("names");
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const std::string& pattern = patterns[i].get_ref<const std::string&>();
    if (!expression::Glob::compile(pattern)) {
      check.add("/names/" + std::to_string(i), "ends in a lone backslash; write two for one", pattern.size() - 1);
    }
  }
  return check.take();
}

}  // namespace

const StepType kRateStep = {"rate", "Make of counters how much they grow in a second", kRateSchema, make_rate,
                            check_rate};

}  // namespace picket::routing
