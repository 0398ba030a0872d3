// SPDX-License-Identifier: Apache-2.0
#include "rehearsal/report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "config/units.hpp"
#include "service/printable.hpp"

namespace picket::rehearsal {
namespace {

using ReportJson = nlohmann::ordered_json;

std::string place_of(const config::Location& where) {
  return where.file + ":" + std::to_string(where.line) + ":" + std::to_string(where.column);
}

// Characters, as a terminal shows them.
std::size_t shown_width(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string padded(std::string text, std::size_t width) {
  const std::size_t shown = shown_width(text);
  if (shown < width) text.append(width - shown, ' ');
  return text;
}

void print_difference(const Difference& difference, const ReportStyle& style, std::ostream& out) {
  out << "      " << difference.title << '\n';
  std::size_t keys = 0;
  std::size_t expected = std::string("expected").size();
  bool any_actual = false;
  for (const Compared& line : difference.lines) {
    keys = std::max(keys, shown_width(service::printable(line.what)));
    expected = std::max(expected, shown_width(service::printable(line.expected)));
    any_actual = any_actual || !line.actual.empty();
  }
  constexpr std::size_t kWidestColumn = 60;
  expected = std::min(expected, kWidestColumn);
  if (difference.lines.empty()) return;
  out << "        " << padded("", keys + 4) << padded("expected", expected) << (any_actual ? "  actual" : "") << '\n';
  for (const Compared& line : difference.lines) {
    const bool wrong = !line.same && any_actual;
    std::string text = (wrong ? "* " : "  ") + padded(service::printable(line.what), keys) + "  " +
                       padded(line.expected.empty() ? "-" : service::printable(line.expected), expected);
    if (any_actual) text += "  " + service::printable(line.actual);
    while (text.ends_with(' ')) text.pop_back();
    out << "        " << (wrong && style.colour ? "\x1b[31m" + text + "\x1b[0m" : text) << '\n';
  }
}

void print_failure(const Failure& failure, const ReportStyle& style, std::ostream& out) {
  out << "    " << place_of(failure.where) << ": " << service::printable(failure.message) << '\n';
  for (const Difference& difference : failure.differences) print_difference(difference, style, out);
  for (const std::string& note : failure.notes) out << "      " << service::printable(note) << '\n';
}

std::string what_happened(const TestResult& result) {
  std::string text = config::format_duration(result.simulated_ns) + ": " + std::to_string(result.emitted) +
                     (result.emitted == 1 ? " event in, " : " events in, ") + std::to_string(result.delivered) + " out";
  if (result.calls != 0) text += ", " + std::to_string(result.calls) + (result.calls == 1 ? " call" : " calls");
  return text;
}

ReportJson failure_json(const Failure& failure) {
  ReportJson json = {{"file", failure.where.file},         {"line", failure.where.line},
                     {"column", failure.where.column},     {"message", failure.message},
                     {"differences", ReportJson::array()}, {"notes", failure.notes}};
  for (const Difference& difference : failure.differences) {
    ReportJson lines = ReportJson::array();
    for (const Compared& line : difference.lines) {
      lines.push_back({{"what", line.what}, {"expected", line.expected}, {"actual", line.actual}, {"same", line.same}});
    }
    json["differences"].push_back({{"title", difference.title}, {"lines", std::move(lines)}});
  }
  return json;
}

}  // namespace

void print_result(const Timed& timed, const ReportStyle& style, std::ostream& out) {
  const TestResult& result = timed.result;
  const bool passed = result.passed();
  const std::string verdict = passed ? "ok    " : "FAILED";
  const char* const colour = passed ? "\x1b[32m" : "\x1b[31m";
  out << (style.colour ? colour + verdict + "\x1b[0m" : verdict) << "  " << service::printable(result.name);
  if (style.verbose) out << "  (" << what_happened(result) << ")";
  out << '\n';
  if (!result.error.empty()) {
    out << "    " << place_of(result.where) << ": " << service::printable(result.error) << '\n';
  }
  for (const Failure& failure : result.failures) print_failure(failure, style, out);
}

std::string summary(const std::vector<Timed>& all) {
  const auto passed = std::count_if(all.begin(), all.end(), [](const Timed& each) { return each.result.passed(); });
  return std::to_string(passed) + " passed, " + std::to_string(static_cast<std::ptrdiff_t>(all.size()) - passed) +
         " failed";
}

ReportJson report_json(const std::vector<Timed>& all) {
  ReportJson tests = ReportJson::array();
  std::size_t passed = 0;
  for (const Timed& timed : all) {
    const TestResult& result = timed.result;
    passed += result.passed() ? 1 : 0;
    ReportJson test = {{"name", result.name},
                       {"file", result.where.file},
                       {"line", result.where.line},
                       {"passed", result.passed()},
                       {"simulated_ns", result.simulated_ns},
                       {"emitted", result.emitted},
                       {"delivered", result.delivered},
                       {"calls", result.calls}};
    if (!result.error.empty()) test["error"] = result.error;
    test["failures"] = ReportJson::array();
    for (const Failure& failure : result.failures) test["failures"].push_back(failure_json(failure));
    tests.push_back(std::move(test));
  }
  return {{"passed", passed}, {"failed", all.size() - passed}, {"tests", std::move(tests)}};
}

}  // namespace picket::rehearsal
