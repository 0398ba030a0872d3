// SPDX-License-Identifier: Apache-2.0
#include "commands/explain_output.hpp"

#include "config/diagnostics.hpp"
#include "platform/utc_time.hpp"
#include "service/printable.hpp"

namespace picket::commands {
namespace {

using analysis::Effect;
using analysis::RouteVerdict;
using nlohmann::ordered_json;

std::string how_many(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

const char* truth_word(routing::Truth truth) {
  return truth == routing::Truth::yes ? "true" : truth == routing::Truth::no ? "false" : "unknown";
}

const char* effect_word(Effect effect) {
  switch (effect) {
    case Effect::changed:
      return "changed";
    case Effect::absorbed:
      return "absorbed";
    case Effect::created:
      return "created";
    case Effect::passed:
      break;
  }
  return "passed";
}

// Why a step of a type does not hand on an event.
std::string absorbed_words(const std::string& type) {
  if (type == "aggregate") return "taken into a window";
  if (type == "rate") return "taken as a value to compare the next one with";
  if (type == "threshold" || type == "forecast") return "judged, and not handed on";
  if (type == "sample") return "left out of the sample";
  if (type == "throttle") return "held back: over the limit of its period";
  if (type == "dedupe") return "left out: the same came before";
  return "not handed on";
}

ordered_json reasons_json(const std::vector<routing::Reason>& reasons) {
  ordered_json list = ordered_json::array();
  for (const routing::Reason& reason : reasons) {
    ordered_json read = ordered_json::array();
    for (const routing::Operand& operand : reason.operands) {
      read.push_back({{"expression", operand.text}, {"value", operand.value}});
    }
    list.push_back({{"expression", reason.text},
                    {"column", reason.offset + 1},
                    {"result", truth_word(reason.outcome)},
                    {"read", read},
                    {"text", routing::describe(reason)}});
  }
  return list;
}

ordered_json parsed(const std::string& text) {
  ordered_json value = ordered_json::parse(text, nullptr, false);
  return value.is_discarded() ? ordered_json(text) : value;
}

ordered_json step_json(const analysis::StepTrace& step) {
  ordered_json effects = ordered_json::array();
  for (const analysis::EventEffect& effect : step.effects) {
    ordered_json entry = {{"effect", effect_word(effect.effect)}, {"event", parsed(effect.event)}};
    for (const analysis::Change& change : effect.changes) {
      ordered_json one = {{"key", change.key}};
      if (!change.before.empty()) one["before"] = parsed(change.before);
      if (!change.after.empty()) one["after"] = parsed(change.after);
      entry["changes"].push_back(std::move(one));
    }
    effects.push_back(std::move(entry));
  }
  ordered_json entry = {{"step", step.step + 1},
                        {"type", step.type},
                        {"effects", effects},
                        {"held_before", step.held_before},
                        {"held", step.held}};
  if (!step.raise.empty()) {
    entry["raise"] = {{"result", truth_word(step.raised)}, {"reasons", reasons_json(step.raise)}};
  }
  if (step.failed != 0) entry["failed"] = step.failed;
  if (!step.failure.empty()) entry["failure"] = step.failure;
  return entry;
}

const char* verdict_word(RouteVerdict verdict) {
  switch (verdict) {
    case RouteVerdict::no_match:
      return "no_match";
    case RouteVerdict::matches:
      return "matches";
    case RouteVerdict::time:
      return "time";
    case RouteVerdict::elsewhere:
      break;
  }
  return "not_from_here";
}

}  // namespace

nlohmann::ordered_json moment_json(const analysis::Moment& moment) {
  ordered_json entry;
  entry["time"] = platform::format_utc(moment.wall_ns, 9);
  if (moment.event.empty()) {
    entry["what"] = moment.ended ? "end" : "time";
  } else {
    entry["what"] = "event";
    entry["from"] = moment.from;
    entry["event"] = parsed(moment.event);
  }
  entry["routes"] = ordered_json::array();
  for (const analysis::RouteTrace& route : moment.routes) {
    ordered_json one = {{"route", route.route}, {"verdict", verdict_word(route.verdict)}};
    if (!route.decision.reasons.empty()) {
      one["where"] = truth_word(route.decision.outcome);
      one["reasons"] = reasons_json(route.decision.reasons);
    }
    if (route.verdict == RouteVerdict::matches || route.verdict == RouteVerdict::time) {
      one["steps"] = ordered_json::array();
      for (const analysis::StepTrace& step : route.steps) one["steps"].push_back(step_json(step));
      one["out"] = ordered_json::array();
      for (const analysis::OutcomeTrace& outcome : route.out) {
        ordered_json ends = ordered_json::array();
        for (const analysis::EndTrace& end : outcome.to) {
          ordered_json to = {{"destination", end.destination}, {"queue", end.queue}};
          if (end.command) to["args"] = parsed(end.arguments);
          ends.push_back(std::move(to));
        }
        one["out"].push_back({{"event", parsed(outcome.event)}, {"to", ends}});
      }
    }
    entry["routes"].push_back(std::move(one));
  }
  return entry;
}

void print_findings(const std::vector<analysis::Finding>& findings, const config::Model& model, bool json,
                    std::ostream& out) {
  if (json) {
    ordered_json answer = {{"findings", ordered_json::array()}};
    for (const analysis::Finding& finding : findings) {
      answer["findings"].push_back({{"kind", analysis::to_string(finding.kind)},
                                    {"file", finding.where.file},
                                    {"line", finding.where.line},
                                    {"column", finding.where.column},
                                    {"message", finding.message},
                                    {"routes", finding.routes},
                                    {"instances", finding.instances}});
    }
    answer["routes"] = model.routes.size();
    answer["instances"] = model.instances.size();
    out << answer.dump(2, ' ', false, ordered_json::error_handler_t::replace) << '\n';
    return;
  }
  config::Diagnostics all;
  for (const analysis::Finding& finding : findings) {
    all.add({config::Severity::warning, finding.where, finding.message, finding.line});
  }
  out << all.render();
  out << (findings.empty() ? "nothing stands out" : how_many(findings.size(), "finding")) << " in "
      << how_many(model.routes.size(), "route") << " between " << how_many(model.instances.size(), "instance") << '\n';
}

std::string MomentPrinter::strong(const std::string& text) const {
  return terminal_.colour && terminal_.interactive ? "\x1b[1m" + text + "\x1b[0m" : text;
}

std::string MomentPrinter::verdict(const std::string& text, bool good) const {
  if (!terminal_.colour || !terminal_.interactive) return text;
  return (good ? "\x1b[32m" : "\x1b[33m") + text + "\x1b[0m";
}

void MomentPrinter::print(const analysis::Moment& moment, const std::string& hint) {
  if (json_) {
    out_ << (any_ ? ",\n" : "[\n") << moment_json(moment).dump(2, ' ', false, ordered_json::error_handler_t::replace);
  } else {
    if (any_) out_ << '\n';
    print_text(moment, hint);
  }
  any_ = true;
}

void MomentPrinter::end() {
  if (json_) out_ << (any_ ? "\n]\n" : "[]\n");
}

void MomentPrinter::print_text(const analysis::Moment& moment, const std::string& hint) {
  const std::string time = platform::format_utc(moment.wall_ns, 3);
  if (!moment.event.empty()) {
    out_ << strong(time + "  an event of " + service::printable(moment.from)) << "\n  "
         << service::printable(moment.event) << '\n';
    if (!hint.empty()) out_ << "  " << hint << '\n';
  } else {
    out_ << strong(time + (moment.ended ? "  the end: steps hand on what they hold" : "  time has passed")) << '\n';
  }
  std::string elsewhere;
  for (const analysis::RouteTrace& route : moment.routes) {
    if (route.verdict == RouteVerdict::elsewhere) {
      elsewhere += (elsewhere.empty() ? "" : ", ") + route.route;
    } else {
      print_route(route);
    }
  }
  if (!elsewhere.empty()) out_ << "  not from there: " << elsewhere << '\n';
}

void MomentPrinter::print_route(const analysis::RouteTrace& route) {
  out_ << "  route " << strong(route.route);
  if (route.verdict == RouteVerdict::matches) out_ << ": " << verdict("matches", true);
  if (route.verdict == RouteVerdict::no_match) {
    out_ << ": "
         << verdict(route.decision.outcome == routing::Truth::no ? "does not match" : "does not match (unknown)",
                    false);
  }
  out_ << '\n';
  for (const routing::Reason& reason : route.decision.reasons) {
    out_ << "      " << service::printable(routing::describe(reason)) << '\n';
  }
  if (route.verdict == RouteVerdict::no_match) return;
  for (const analysis::StepTrace& step : route.steps) print_step(step);
  if (route.out.empty()) out_ << "    nothing comes out\n";
  for (const analysis::OutcomeTrace& outcome : route.out) {
    if (route.out.size() > 1) out_ << "    out: " << service::printable(outcome.event) << '\n';
    for (const analysis::EndTrace& end : outcome.to) {
      out_ << "    -> " << end.destination;
      if (end.command) out_ << ' ' << service::printable(end.arguments);
      out_ << "  (" << end.queue << ")\n";
    }
  }
}

void MomentPrinter::print_step(const analysis::StepTrace& step) {
  const std::string head = "    step " + std::to_string(step.step + 1) + " " + step.type + ": ";
  if (!step.failure.empty()) out_ << head << "failed: " << service::printable(step.failure) << '\n';
  for (const analysis::EventEffect& effect : step.effects) {
    out_ << head;
    switch (effect.effect) {
      case Effect::passed:
        out_ << "passes";
        break;
      case Effect::changed:
        out_ << "changes";
        break;
      case Effect::absorbed:
        out_ << absorbed_words(step.type);
        break;
      case Effect::created:
        out_ << "makes " << service::printable(effect.event);
        break;
    }
    out_ << '\n';
    for (const analysis::Change& change : effect.changes) {
      out_ << "        ";
      if (change.before.empty()) {
        out_ << "+ " << service::printable(change.key + ": " + change.after);
      } else if (change.after.empty()) {
        out_ << "- " << service::printable(change.key + ": " + change.before);
      } else {
        out_ << "  " << service::printable(change.key + ": " + change.before + " -> " + change.after);
      }
      out_ << '\n';
    }
  }
  if (step.failed != 0) out_ << "        it could not make sense of the event\n";
  for (const routing::Reason& reason : step.raise) {
    out_ << "        raise: " << service::printable(routing::describe(reason)) << '\n';
  }
  if (step.held != 0 || step.held_before != 0) {
    out_ << "        remembers " << step.held;
    if (step.held != step.held_before) out_ << ", before " << step.held_before;
    out_ << '\n';
  }
}

}  // namespace picket::commands
