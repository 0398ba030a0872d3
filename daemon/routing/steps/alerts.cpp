// SPDX-License-Identifier: Apache-2.0
#include "routing/steps/alerts.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "routing/expression/functions.hpp"
#include "routing/steps/step_settings.hpp"
#include "routing/utf8.hpp"

namespace picket::routing {
namespace {

AlertRules rules_of(const nlohmann::json& settings) {
  AlertRules rules;
  rules.wait = settings.at("for");
  rules.clear_wait = settings.at("clear_for");
  rules.still = settings.at("still");
  rules.absent = settings.at("absent");
  const std::int64_t forget = settings.at("forget");
  rules.forget = forget < 0 ? AlertRules::kNever : forget;
  rules.flap_raises = settings.at("flapping").at("raises");
  rules.flap_within = settings.at("flapping").at("within");
  // All events are one group: there is nothing to forget it for.
  if (const auto by = settings.find("by"); by != settings.end() && by->empty()) rules.forget = AlertRules::kNever;
  return rules;
}

// Puts together what add() hands over: one batch with one event.
struct OneBatch final : Output {
  void pass(const Events& /*in*/, std::span<const std::uint32_t> /*indices*/) override {}
  void pass(const Events& /*in*/) override {}
  void add(BatchRef made) override { batch = std::move(made); }
  BatchRef batch;
};

// FNV-1a of 64 bits (Fowler, Noll, Vo): the same alert has the same id on every machine and in every run.
class Hash {
 public:
  void add(std::string_view text) {
    for (const char c : text) mix(static_cast<unsigned char>(c));
    mix(0);
  }
  void add(std::int64_t number) { add(std::to_string(number)); }
  std::uint64_t value() const { return value_; }

 private:
  void mix(unsigned char byte) { value_ = (value_ ^ byte) * 1'099'511'628'211U; }
  std::uint64_t value_ = 14'695'981'039'346'656'037U;
};

std::string hexadecimal(std::uint64_t number) {
  std::string text(16, '0');
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit, number >>= 4U)
    *digit = "0123456789abcdef"[number & 15U];
  return text;
}

}  // namespace

Alerts::Alerts(const nlohmann::json& settings, const StepContext& context, std::vector<std::string> fields)
    : names_(context.names),
      clock_(context.clock),
      route_(context.route),
      rules_(rules_of(settings)),
      message_(compiled_message(settings, "message", context.names)),
      severity_(expression::severity_number(settings.at("severity").get_ref<const std::string&>())),
      rule_(context.route),
      groups_(settings.at("max_groups").get<std::uint32_t>()) {
  for (const nlohmann::json& state : settings.at("emit")) {
    const auto news = state == "raised" ? AlertNews::raised : state == "still" ? AlertNews::still : AlertNews::cleared;
    told_[static_cast<std::size_t>(news)] = true;
  }
  if (const auto name = settings.find("name"); name != settings.end()) {
    rule_ = required_name(names_, name->get_ref<const std::string&>());
  }
  const auto key = [&](std::string_view text) { return required_name(names_, text); };
  keys_ = {key("alert"),
           key("message"),
           key("alert.id"),
           key("alert.rule"),
           key("alert.state"),
           key("alert.reason"),
           key("alert.started"),
           key("alert.duration"),
           key("alert.flapping"),
           {0, key("raised"), key("still"), key("cleared")},
           {key("condition"), key("absent"), key("forgotten"), key("stopped")}};
  for (std::string& field : message_.fields()) fields.push_back(std::move(field));
  std::sort(fields.begin(), fields.end());
  fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
  for (const std::string& field : fields) {
    if (!field.starts_with("alert.")) fields_.emplace_back(required_name(names_, field), field);
  }
  // The one group of all events is there from the start, so that its silence is noticed from the start.
  if (const auto by = settings.find("by"); by != settings.end() && by->empty() && rules_.absent != 0) {
    const std::string nothing(3 * sizeof(std::uint32_t), '\0');
    settle(add(make_group_key(nothing), clock_.monotonic_ns(), clock_.wall_ns()));
  }
}

std::uint32_t Alerts::add(GroupKey key, std::int64_t now, std::int64_t time_ns) {
  const std::uint32_t index = groups_.add(key);
  if (index == GroupTable<Group>::kNone) return index;
  groups_[index].machine.see(rules_, now, AlertInput::unknown);
  groups_[index].last_time = time_ns;
  return index;
}

void Alerts::see(GroupKey key, std::int64_t now, AlertInput input, const picket_batch& batch, const picket_event& event,
                 std::span<const AlertFigure> figures, OrderedOutput& out) {
  std::uint32_t index = groups_.find(key);
  if (index != GroupTable<Group>::kNone) {
    run_timers(index, now, out);
    if (groups_[index].machine.idle(rules_)) {
      settle(index);
      index = GroupTable<Group>::kNone;
    }
  }
  if (index == GroupTable<Group>::kNone) {
    if (input != AlertInput::raise && rules_.absent == 0) return;
    index = add(key, now, event.time_ns);
    if (index == GroupTable<Group>::kNone) {
      ++over_limit_;
      return;
    }
  }
  Group& group = groups_[index];
  const bool was_well = group.machine.state() == AlertState::ok;
  const AlertNews news = group.machine.see(rules_, now, input);
  group.last_time = event.time_ns;
  const bool is_well = group.machine.state() == AlertState::ok;
  if (was_well && !is_well) group.started = event.time_ns;
  if (!is_well || news != AlertNews::nothing) remember(group, batch, event, figures);
  if (news != AlertNews::nothing) tell(index, news, event.time_ns, out);
  settle(index);
}

void Alerts::run_timers(std::uint32_t index, std::int64_t now, OrderedOutput& out) {
  Group& group = groups_[index];
  while (group.machine.due(rules_) <= now) {
    const bool was_well = group.machine.state() == AlertState::ok;
    const AlertNews news = group.machine.time(rules_, now);
    // What began with silence began with the last event.
    if (news == AlertNews::raised && (was_well || group.machine.reason() == AlertReason::absent)) {
      group.started = group.last_time;
      group.evidence = {};
    }
    if (news != AlertNews::nothing) tell(index, news, group.last_time + (now - group.machine.last_seen()), out);
    if (group.machine.idle(rules_)) return;
  }
}

void Alerts::settle(std::uint32_t index) {
  AlertMachine& machine = groups_[index].machine;
  if (!machine.idle(rules_)) {
    if (machine.state() == AlertState::ok) groups_[index].evidence = {};
    deadlines_.ask(index, machine.due(rules_));
    return;
  }
  deadlines_.forget(index);
  groups_.remove(index);
}

void Alerts::tick(std::int64_t now, OrderedOutput& out) {
  for (std::uint32_t index; (index = deadlines_.take(now)) != Deadlines::kNone;) {
    run_timers(index, now, out);
    settle(index);
    out.flush_large();
  }
}

void Alerts::finish(std::int64_t now, OrderedOutput& out) {
  for (std::uint32_t index = groups_.first(); index != GroupTable<Group>::kNone; index = groups_.after(index)) {
    Group& group = groups_[index];
    const AlertNews news = group.machine.stop();
    if (news != AlertNews::nothing) tell(index, news, group.last_time + (now - group.machine.last_seen()), out);
    out.flush_large();
  }
  groups_.clear();
  deadlines_ = {};
}

void Alerts::remember(Group& group, const picket_batch& batch, const picket_event& event,
                      std::span<const AlertFigure> figures) const {
  AlertEvidence& evidence = group.evidence;
  evidence.fields.clear();
  evidence.bytes.clear();
  for (const expression::FieldKey& key : fields_) {
    const picket_field* const found = expression::find_field({&batch, &event, &names_}, key);
    if (found == nullptr) continue;
    picket_field field = *found;
    field.key = key.id;
    if (field.type == PICKET_TYPE_TEXT || field.type == PICKET_TYPE_JSON || field.type == PICKET_TYPE_BYTES) {
      const picket_str whole = picket_batch_field_bytes(&batch, &field);
      std::string_view text(whole.data, static_cast<std::size_t>(whole.length));
      if (text.size() > kMaxText) {
        text = text.substr(0, field.type == PICKET_TYPE_BYTES ? kMaxText : previous_character(text, kMaxText + 1));
        if (field.type == PICKET_TYPE_JSON) field.type = PICKET_TYPE_TEXT;  // half of it is no JSON
      }
      field.value.ref.offset = static_cast<std::uint32_t>(evidence.bytes.size());
      field.value.ref.length = static_cast<std::uint32_t>(text.size());
      evidence.bytes += text;
    }
    evidence.fields.push_back(field);
  }
  for (const AlertFigure& figure : figures) {
    picket_field& field = evidence.fields.emplace_back();
    field.key = figure.key;
    field.type = figure.value.type() == ValueType::integer ? PICKET_TYPE_INT : PICKET_TYPE_DOUBLE;
    if (field.type == PICKET_TYPE_INT)
      field.value.i = figure.value.as_integer();
    else
      field.value.f = figure.value.as_real();
  }
}

// The same for every run: made of texts, not of this process's numbers for them.
std::uint64_t Alerts::make_id(std::uint32_t index) const {
  const std::string_view key = groups_.key(index);
  Hash hash;
  for (const picket_name name : {route_, rule_, Grouping::source(key), Grouping::kind(key)})
    hash.add(names_.text(name));
  hash.add(std::int64_t{Grouping::severity(key)});
  std::string_view labels = Grouping::labels_of(key);
  Grouping::Label label;
  std::vector<std::string> texts;
  while (Grouping::next(labels, label)) {
    std::string& text = texts.emplace_back(label.name == 0 ? label.key_text : names_.text(label.name));
    append_value(text += '=', label.value, {});
  }
  std::sort(texts.begin(), texts.end());
  for (const std::string& text : texts) hash.add(text);
  hash.add(groups_[index].started);
  return hash.value();
}

void Alerts::describe(std::uint32_t index, AlertNews news, std::int64_t time_ns, EventWriter& writer) {
  Group& group = groups_[index];
  const std::string_view key = groups_.key(index);
  picket_event& event = writer.begin(keys_.alert);
  event.time_ns = time_ns;
  event.severity = severity_;
  event.source = Grouping::source(key) != 0 ? Grouping::source(key) : route_;
  Grouping::write(key, writer, names_, 0);
  picket_batch evidence{};
  evidence.size = sizeof evidence;
  evidence.bytes = group.evidence.bytes.data();
  for (const picket_field& field : group.evidence.fields) {
    std::string_view labels = Grouping::labels_of(key);
    Grouping::Label label;
    bool written = false;
    while (!written && Grouping::next(labels, label)) written = label.name == field.key;
    if (!written) writer.field(evidence, field);
  }
  writer.set_text(keys_.id, hexadecimal(group.id));
  writer.set_name(keys_.rule, rule_);
  writer.set_name(keys_.state, keys_.news[static_cast<std::size_t>(news)]);
  writer.set_name(keys_.reason, keys_.reasons[static_cast<std::size_t>(group.machine.reason())]);
  writer.set_integer(keys_.started, group.started);
  writer.set_integer(keys_.duration, std::max<std::int64_t>(0, time_ns - group.started));
  if (group.machine.flapping()) writer.set_boolean(keys_.flapping, true);
}

void Alerts::tell(std::uint32_t index, AlertNews news, std::int64_t time_ns, OrderedOutput& out) {
  if (news == AlertNews::raised) groups_[index].id = make_id(index);
  if (!told_[static_cast<std::size_t>(news)]) return;
  // The message is made of the alert as it will be, but with the event's own `message`.
  OneBatch made;
  EventWriter draft(made);
  describe(index, news, time_ns, draft);
  draft.flush();
  const picket_batch& batch = *made.batch;
  const picket_event& event = batch.events[0];
  const std::string message = message_.render(batch, event);
  EventWriter& writer = out.writer();
  writer.begin_copy(event);
  for (std::uint32_t i = 0; i < event.field_count; ++i) {
    const picket_field& field = batch.fields[event.first_field + i];
    if (field.key != keys_.message) writer.field(batch, field);
  }
  writer.set_text(keys_.message, message);
}

}  // namespace picket::routing
