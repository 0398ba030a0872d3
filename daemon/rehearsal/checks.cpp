// SPDX-License-Identifier: Apache-2.0
//
// Lists are matched from the front: each expected event takes the next one that fits. That finds a fit of the whole
// list whenever there is one.
#include "rehearsal/checks.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "rehearsal/matching.hpp"
#include "routing/event_json.hpp"

namespace picket::rehearsal {
namespace {

constexpr std::size_t kShownDifferences = 5;  // of each kind, in one failure
constexpr std::size_t kShownEvents = 5;
constexpr std::size_t kNearestOf = 10'000;  // candidates that are looked at for each event that is missing

std::string counted(std::uint64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string count_wanted(const config::TestCount& count, const std::string& what) {
  if (count.exactly) return *count.exactly == 0 ? "no " + what : counted(*count.exactly, what);
  if (count.at_least && count.at_most) {
    return std::to_string(*count.at_least) + " to " + counted(*count.at_most, what);
  }
  if (count.at_least) return "at least " + counted(*count.at_least, what);
  return count.at_most ? "at most " + counted(*count.at_most, what) : "at least 1 " + what;
}

bool count_fits(const config::TestCount& count, std::uint64_t actual) {
  if (count.exactly) return actual == *count.exactly;
  if (!count.given()) return actual >= 1;
  return (!count.at_least || actual >= *count.at_least) && (!count.at_most || actual <= *count.at_most);
}

std::uint64_t ledger_number(const routing::Ledger& ledger, const std::string& name) {
  const std::pair<const char*, std::uint64_t> numbers[] = {{"in", ledger.in},
                                                           {"created", ledger.created},
                                                           {"filtered", ledger.filtered},
                                                           {"delivered", ledger.delivered},
                                                           {"absorbed", ledger.absorbed},
                                                           {"dead", ledger.dead},
                                                           {"dropped", ledger.dropped_total()},
                                                           {"queued", ledger.queued},
                                                           {"in_flight", ledger.in_flight}};
  for (const auto& [key, value] : numbers) {
    if (name == key) return value;
  }
  return 0;
}

std::string ledger_line(const routing::DestinationStatus& status) {
  std::string line = "route " + status.route + " to " + status.instance + ":";
  for (const char* name : config::kLedgerNumbers) {
    const std::uint64_t number = ledger_number(status.ledger, name);
    if (number != 0) line += " " + std::to_string(number) + " " + name + ",";
  }
  if (line.back() == ':') return line + " nothing";
  line.back() = '.';
  return line;
}

class Checker {
 public:
  explicit Checker(Rehearsal& rehearsal) : rehearsal_(rehearsal), names_(rehearsal.names()) {}

  void check(const config::TestExpectation& expectation) {
    if (expectation.kind == config::TestExpectation::Kind::ledger) return check_ledger(expectation);
    const auto only = Matcher::compile(expectation.only, names_);
    if (!only) {
      fail(expectation, only.error().message);
      return;
    }
    std::vector<Actual> actual = of_calls(expectation) ? calls(expectation) : events(expectation);
    const std::size_t others = std::erase_if(actual, [&](const Actual& each) { return !only->matches(each); });
    if (expectation.listed) {
      check_list(expectation, actual, others);
    } else if (!count_fits(expectation.count, actual.size())) {
      Failure& failure = fail(expectation, "expected " + count_wanted(expectation.count, noun(expectation)) +
                                               place(expectation) + ", got " + std::to_string(actual.size()));
      show(actual, failure);
      explain(expectation, others, failure);
    }
  }

  std::vector<Failure> take() { return std::move(failures_); }

 private:
  Failure& fail(const config::TestExpectation& expectation, std::string message) {
    failures_.push_back({expectation.where, std::move(message), {}, {}});
    return failures_.back();
  }

  static bool of_calls(const config::TestExpectation& expectation) {
    return expectation.kind == config::TestExpectation::Kind::calls;
  }
  static std::string noun(const config::TestExpectation& expectation) {
    return of_calls(expectation) ? "call" : "event";
  }
  static std::string place(const config::TestExpectation& expectation) {
    if (of_calls(expectation)) return " of " + expectation.instance + "." + expectation.command;
    std::string text = " at " + expectation.to;
    return expectation.route.empty() ? text : text + " from route " + expectation.route;
  }

  std::vector<Actual> events(const config::TestExpectation& expectation) const {
    std::vector<Actual> result;
    for (const Delivery& each : rehearsal_.deliveries()) {
      const bool wanted = (expectation.route.empty() || each.route == expectation.route) &&
                          (expectation.to.empty() || each.instance == expectation.to);
      if (wanted) result.push_back({each.at_ns, each.batch, each.index, {}});
    }
    return result;
  }

  std::vector<Actual> calls(const config::TestExpectation& expectation) {
    routing::EventJsonOptions options;
    options.names = routing::NamePolicy::intern;
    routing::EventJsonReader reader(names_, options);
    std::vector<Actual> result;
    for (const Call& call : rehearsal_.calls()) {
      if (call.instance != expectation.instance || call.command != expectation.command) continue;
      auto batch = reader.read("{\"fields\":" + call.args + "}");
      if (!batch) batch = reader.read("{}");  // beyond the limits of an event: its values cannot be looked at
      result.push_back({call.at_ns, std::move(*batch), 0, call.args});
    }
    return result;
  }

  std::string text_of(const Actual& actual) const {
    const std::string at = offset_text(actual.at_ns) + "  ";
    if (!actual.text.empty()) return at + actual.text;
    picket_event event = actual.event();
    event.sequence = 0;  // of no use to the reader
    return at + routing::event_json(*actual.batch, event, names_);
  }

  void show(const std::vector<Actual>& actual, Failure& failure) const {
    for (std::size_t i = 0; i < std::min(actual.size(), kShownEvents); ++i) {
      failure.notes.push_back("at " + text_of(actual[i]));
    }
    if (actual.size() > kShownEvents) {
      failure.notes.push_back("and " + std::to_string(actual.size() - kShownEvents) + " more");
    }
  }

  // Where the events went that did not arrive.
  void explain(const config::TestExpectation& expectation, std::size_t others, Failure& failure) const {
    if (others != 0) {
      failure.notes.push_back(counted(others, "other " + noun(expectation)) + " did not fit `" +
                              (of_calls(expectation) ? "args` or `where`" : "where`"));
    }
    for (const routing::DestinationStatus& status : rehearsal_.status()) {
      const bool call = of_calls(expectation) && status.instance == expectation.instance + "." + expectation.command;
      const bool event = !of_calls(expectation) && (expectation.route.empty() ? status.instance == expectation.to
                                                                              : status.route == expectation.route);
      if (call || event) failure.notes.push_back(ledger_line(status));
    }
    if (rehearsal_.waiting() != 0) {
      failure.notes.push_back(counted(rehearsal_.waiting(), "event") + " could not be emitted: a queue is full");
    }
  }

  void check_list(const config::TestExpectation& expectation, const std::vector<Actual>& actual, std::size_t others) {
    std::vector<Matcher> matchers;
    for (const config::TestMatch& match : expectation.list) {
      auto matcher = Matcher::compile(match, names_);
      if (!matcher) {
        fail(expectation, matcher.error().message);
        return;
      }
      matchers.push_back(std::move(*matcher));
    }
    std::vector<bool> taken(actual.size());
    std::vector<std::size_t> missing;
    std::size_t next = 0;
    for (std::size_t i = 0; i < matchers.size(); ++i) {
      std::size_t at = next;
      while (at < actual.size() && !matchers[i].matches(actual[at])) ++at;
      if (at == actual.size()) {
        missing.push_back(i);
      } else {
        taken[at] = true;
        next = at + 1;
      }
    }
    std::vector<Actual> extra;
    for (std::size_t i = 0; i < actual.size(); ++i) {
      if (!taken[i]) extra.push_back(actual[i]);
    }
    const bool number_fits = !expectation.count.given() || count_fits(expectation.count, actual.size());
    if (missing.empty() && (extra.empty() || expectation.more) && number_fits) return;
    Failure& failure = fail(expectation, list_message(expectation, actual.size(), missing.size(), extra.size()));
    for (std::size_t i = 0; i < std::min(missing.size(), kShownDifferences); ++i) {
      failure.differences.push_back(difference(expectation, matchers[missing[i]], missing[i], extra));
    }
    if (missing.size() > kShownDifferences) {
      failure.notes.push_back("and " + std::to_string(missing.size() - kShownDifferences) + " more are missing");
    }
    if (!extra.empty() && (!expectation.more || !missing.empty())) {
      failure.notes.push_back("not expected:");
      show(extra, failure);
    }
    explain(expectation, others, failure);
  }

  static std::string list_message(const config::TestExpectation& expectation, std::size_t actual, std::size_t missing,
                                  std::size_t extra) {
    const std::string got = place(expectation) + ", got " + std::to_string(actual);
    if (missing == 0 && (extra == 0 || expectation.more)) {
      return "expected " + count_wanted(expectation.count, noun(expectation)) + got;
    }
    std::string message = "expected " + std::string(expectation.more ? "these and others: " : "") +
                          counted(expectation.list.size(), noun(expectation)) + got;
    if (missing != 0) message += "; " + std::to_string(missing) + " missing";
    if (extra != 0 && !expectation.more) message += "; " + std::to_string(extra) + " not expected";
    return message;
  }

  // The one among `candidates` that has most in common with what is missing; times decide between equals.
  Difference difference(const config::TestExpectation& expectation, const Matcher& matcher, std::size_t index,
                        const std::vector<Actual>& candidates) const {
    const std::string number =
        noun(expectation) + " " + std::to_string(index + 1) + " of " + std::to_string(expectation.list.size());
    Difference result;
    std::pair<std::size_t, std::int64_t> best{SIZE_MAX, INT64_MAX};
    for (std::size_t i = 0; i < std::min(candidates.size(), kNearestOf); ++i) {
      std::vector<Compared> lines = matcher.compare(candidates[i]);
      const auto wrong = static_cast<std::size_t>(
          std::count_if(lines.begin(), lines.end(), [](const Compared& line) { return !line.same; }));
      const std::pair score{wrong, matcher.time_off(candidates[i])};
      if (score >= best) continue;
      best = score;
      result.lines = std::move(lines);
    }
    if (candidates.empty()) {
      result.title = number + " did not come, nor any other";
      result.lines = matcher.expected_alone();
    } else {
      result.title = number + " did not come; the nearest:";
    }
    return result;
  }

  void check_ledger(const config::TestExpectation& expectation) {
    for (const routing::DestinationStatus& status : rehearsal_.status()) {
      if (status.route != expectation.route || status.instance != expectation.to) continue;
      Difference difference;
      difference.title = "ledger:";
      bool same = true;
      for (const auto& [name, wanted] : expectation.ledger) {
        const std::uint64_t number = ledger_number(status.ledger, name);
        difference.lines.push_back({name, std::to_string(wanted), std::to_string(number), number == wanted});
        same = same && number == wanted;
      }
      if (same) return;
      Failure& failure = fail(
          expectation, "the ledger of route " + expectation.route + " to " + expectation.to + " is not as expected");
      failure.differences.push_back(std::move(difference));
      failure.notes.push_back(ledger_line(status));
      return;
    }
    fail(expectation, "route " + expectation.route + " has no ledger for " + expectation.to);
  }

  Rehearsal& rehearsal_;
  routing::Names& names_;
  std::vector<Failure> failures_;
};

}  // namespace

std::vector<Failure> check_expectations(const config::Test& test, Rehearsal& rehearsal) {
  Checker checker(rehearsal);
  for (const config::TestExpectation& expectation : test.expect) checker.check(expectation);
  for (const routing::DestinationStatus& status : rehearsal.status()) {
    // No configuration can cause this; a test that would not see it is worth little.
    if (!status.ledger.balanced()) {
      std::vector<Failure> failures = checker.take();
      failures.push_back({test.where, "internal error: a ledger does not balance: " + ledger_line(status), {}, {}});
      return failures;
    }
  }
  return checker.take();
}

}  // namespace picket::rehearsal
