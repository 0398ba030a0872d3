// SPDX-License-Identifier: Apache-2.0
//
// `set`: gives fields and parts of events constant or computed values. Stateless.
#include <algorithm>
#include <optional>

#include "routing/expression/functions.hpp"
#include "routing/steps/event_key.hpp"
#include "routing/steps/event_writer.hpp"
#include "routing/steps/field_keys.hpp"
#include "routing/steps/step_catalogue.hpp"

namespace picket::routing {
namespace {

constexpr const char* kSetSchema = R"json({
  "type": "object",
  "description": "Gives fields and parts of every event new values. What is computed is computed from the event as it came.",
  "minProperties": 1,
  "properties": {
    "kind": {"type": "string", "minLength": 1, "maxLength": 255, "description": "The kind of the events from here on."},
    "source": {"type": "string", "minLength": 1, "maxLength": 255, "description": "Who speaks."},
    "severity": {"enum": ["trace", "debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"],
                 "description": "Their severity."},
    "fields": {"type": "object", "examples": [{"site": "north"}], "maxProperties": 256, "propertyNames": {"minLength": 1, "maxLength": 255},
               "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
               "description": "Constant values by the keys of fields, like {site: north, rack: 4}."},
    "compute": {"type": "object", "examples": [{"percent": "round(value * 100)"}], "maxProperties": 256, "propertyNames": {"minLength": 1, "maxLength": 255},
                "additionalProperties": {"type": "string", "maxLength": 65536},
                "description": "Expressions by the keys of fields, like {percent: round(value * 100)}. The keys kind, source and severity mean those parts of the event; fields.kind is the field. A result of null leaves what was there."}
  }
})json";

constexpr std::string_view kFieldPrefix = "fields.";
constexpr std::uint64_t kMaxMadeNames = 256;  // names that computed kinds and sources may add to the table

bool names_part(std::string_view key) {
  return key == "kind" || key == "source" || key == "severity";
}

class SetStep final : public Step {
 public:
  SetStep(const nlohmann::json& settings, const StepContext& context) : names_(context.names) {
    kind_ = constant_name(settings, "kind");
    source_ = constant_name(settings, "source");
    if (settings.contains("severity")) {
      severity_ = expression::severity_number(settings["severity"].get_ref<const std::string&>());
    }
    for (const auto& [key, text] : object_in(settings, "compute").items()) {
      auto compiled = Expression::compile(text.get_ref<const std::string&>(), names_);
      if (!compiled) throw std::runtime_error("compute." + key + ": " + compiled.error().message);
      if (names_part(key)) {
        (key == "kind" ? made_kind_ : key == "source" ? made_source_ : made_severity_) = compiled.value();
        continue;
      }
      keys_.add(std::string_view(key).substr(key.starts_with(kFieldPrefix) ? kFieldPrefix.size() : 0), names_);
      targets_.push_back({Constant(nullptr), compiled.value()});
    }
    for (const auto& [key, value] : object_in(settings, "fields").items()) {
      keys_.add(key, names_);
      targets_.push_back({Constant(value), std::nullopt});
    }
    seen_.resize(targets_.size());
  }

  void process(const Events& in, Output& out) override {
    writer_.begin_batch(out);
    for (std::uint32_t i = 0; i < in.count(); ++i) rewrite(in.batch(), in[i]);
    writer_.flush();
  }

  std::uint64_t over_limit() const override { return over_limit_; }

 private:
  struct Target {
    Constant constant;
    std::optional<Expression> computed;
  };

  picket_name constant_name(const nlohmann::json& settings, const char* key) {
    if (!settings.contains(key)) return 0;
    const picket_name name = names_.intern(settings[key].get_ref<const std::string&>());
    if (name == 0) throw std::runtime_error(std::string(key) + ": the table of names is full");
    return name;
  }

  void rewrite(const picket_batch& batch, const picket_event& event) {
    picket_event& copy = writer_.begin_copy(event);
    if (kind_ != 0) copy.kind = kind_;
    if (source_ != 0) copy.source = source_;
    if (severity_ != 0) copy.severity = severity_;
    if (made_kind_) compute_name(*made_kind_, batch, event, copy.kind);
    if (made_source_) compute_name(*made_source_, batch, event, copy.source);
    if (made_severity_) compute_severity(batch, event, copy.severity);
    std::fill(seen_.begin(), seen_.end(), false);
    for (std::uint32_t i = 0; i < event.field_count; ++i) {
      const picket_field& field = batch.fields[event.first_field + i];
      const std::size_t target = keys_.find(batch, field);
      if (target == FieldKeys::kNone) {
        writer_.field(batch, field);
      } else if (!seen_[target]) {
        seen_[target] = true;
        write(target, batch, event, &field);
      }
    }
    for (std::size_t target = 0; target < targets_.size(); ++target) {
      if (!seen_[target]) write(target, batch, event, nullptr);
    }
    if (writer_.truncated()) ++over_limit_;
  }

  void write(std::size_t place, const picket_batch& batch, const picket_event& event, const picket_field* before) {
    const Target& target = targets_[place];
    if (!target.computed) {
      writer_.set(keys_.id(place), target.constant.value());
      return;
    }
    const Value value = target.computed->evaluate(batch, event);
    if (!value.is_null()) {
      writer_.set(keys_.id(place), value);
    } else if (before != nullptr) {
      writer_.field(batch, *before);
    }
  }

  void compute_name(const Expression& computed, const picket_batch& batch, const picket_event& event,
                    picket_name& part) {
    const Value value = computed.evaluate(batch, event);
    if (!value.is_text()) return;
    picket_name name = names_.find(value.as_text());
    if (name == 0 && made_names_ < kMaxMadeNames) {
      name = names_.intern(value.as_text());
      if (name != 0) ++made_names_;
    }
    if (name != 0) {
      part = name;
    } else {
      ++over_limit_;
    }
  }

  void compute_severity(const picket_batch& batch, const picket_event& event, std::uint32_t& part) {
    const Value value = made_severity_->evaluate(batch, event);
    if (value.is_text()) {
      if (const std::uint32_t number = expression::severity_number(value.as_text())) part = number;
    } else if (value.type() == ValueType::integer && value.as_integer() >= PICKET_SEVERITY_TRACE &&
               value.as_integer() <= PICKET_SEVERITY_EMERGENCY) {
      part = static_cast<std::uint32_t>(value.as_integer());
    }
  }

  Names& names_;
  picket_name kind_ = 0;
  picket_name source_ = 0;
  std::uint32_t severity_ = 0;
  std::optional<Expression> made_kind_;
  std::optional<Expression> made_source_;
  std::optional<Expression> made_severity_;
  FieldKeys keys_;
  std::vector<Target> targets_;  // as keys_
  std::vector<bool> seen_;
  std::uint64_t made_names_ = 0;
  std::uint64_t over_limit_ = 0;
  EventWriter writer_;
};

std::vector<StepProblem> check_set(const nlohmann::json& settings, Names& names) {
  std::vector<StepProblem> problems;
  const nlohmann::json fields = settings.value("fields", nlohmann::json::object());
  for (const auto& [key, text] : object_in(settings, "compute").items()) {
    const std::string pointer = (nlohmann::json::json_pointer("/compute") / key).to_string();
    check_expression(text.get<std::string>(), pointer, names, problems);
    const std::string field = key.starts_with(kFieldPrefix) ? key.substr(kFieldPrefix.size()) : key;
    if (field.empty()) problems.push_back({pointer, 0, "`fields.` needs the key of a field behind it"});
    if (names_part(key) ? settings.contains(key) : fields.contains(field)) {
      problems.push_back({pointer, 0, "`" + key + "` is given a constant value too; leave one of them out"});
    } else if (key != field && settings["compute"].contains(field) && !names_part(field)) {
      problems.push_back({pointer, 0, "`" + field + "` is computed twice"});
    }
  }
  return problems;
}

}  // namespace

const StepType kSetStep = {"set", "Give fields and parts of events constant or computed values", kSetSchema,
                           [](const nlohmann::json& settings, const StepContext& context) -> std::unique_ptr<Step> {
                             return std::make_unique<SetStep>(settings, context);
                           },
                           check_set};

}  // namespace picket::routing
