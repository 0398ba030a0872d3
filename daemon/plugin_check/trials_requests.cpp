// SPDX-License-Identifier: Apache-2.0
//
// Trials of what a plugin is asked: commands, new settings, health, history.
#include "config/argument_check.hpp"
#include "plugin_check/subject.hpp"

namespace picket::plugin_check {
namespace {

constexpr std::uint32_t kMostCommands = 1'000;

// What the list says of a command; false when it cannot be called.
bool is_described(const picket_command* theirs, std::uint32_t index, Report& report) {
  const std::string which = "command " + std::to_string(index);
  if (theirs == nullptr) {
    report.fail(which + " of the list is null");
    return false;
  }
  const picket_command command = copy_table(theirs);
  if (command.name == nullptr || *command.name == '\0') {
    report.fail(which + " has no name; is picket_command.size set to sizeof(picket_command)?");
    return false;
  }
  if (command.summary == nullptr || *command.summary == '\0') {
    report.fail(std::string("the command ") + command.name + " has no summary");
  }
  return true;
}

// Ends with a finding when the answer does not come.
void wait_for_answer(Guarded& guarded, picket_call call, const std::string& name, std::int64_t patience_ns) {
  const bool answered = wait_for(patience_ns, [&] { return guarded.host().answer(call).has_value(); });
  if (!answered) guarded.pass(60);
  if (!answered && !guarded.host().answer(call)) {
    guarded.report().fail("the command " + name +
                          " was accepted and never answered; call reply() exactly once for each OK of execute()");
    return;
  }
  const testing::Answer answer = *guarded.host().answer(call);
  if (answer.status != PICKET_OK && answer.text.empty()) {
    guarded.report().fail("the command " + name + " failed without a text");
  }
}

void try_command(Guarded& guarded, const picket_command& command, const TrialInput& input) {
  const std::string name = command.name;
  if (!input.all_commands && (command.flags & PICKET_COMMAND_READ_ONLY) == 0) {
    guarded.report().note("not called, since it may change something (see --commands): " + name);
    return;
  }
  if (command.args_schema != nullptr) {
    const auto fits = config::check_argument(command.args_schema, "{}");
    if (!fits && fits.error().status == PICKET_FAILED) {
      guarded.report().fail("the command " + name + ": " + fits.error().message);
      return;
    }
    if (!fits) {
      guarded.report().note("not called, since it needs arguments: " + name);
      return;
    }
  }
  picket_call call = 0;
  guarded.call("execute() of " + name, [&] { call = guarded.host().begin(name); });
  wait_for_answer(guarded, call, name, input.patience_ns / 4);
  guarded.call("execute() of " + name, [&] { call = guarded.host().begin(name); });
  guarded.call("abandoned() of " + name, [&] { guarded.host().abandon(call); });
}

}  // namespace

void try_commands(const TrialInput& input, Report& report) {
  Subject subject(input, report);
  Guarded guarded(subject);
  guarded.create();
  const auto table = guarded.table<picket_commands>(PICKET_EXT_COMMANDS);
  if (table.size == 0) {
    report.note("has no commands (no picket.commands/1)");
    return guarded.destroy();
  }
  if (table.count > kMostCommands || (table.count > 0 && (table.list == nullptr || table.execute == nullptr))) {
    report.fail_and_leave("picket_commands lists " + std::to_string(table.count) +
                          " commands, but its `list` or `execute` is missing, or that is too many");
  }
  guarded.start();
  for (std::uint32_t i = 0; i < table.count; ++i) {
    if (is_described(table.list[i], i, report)) try_command(guarded, copy_table(table.list[i]), input);
  }
  picket_status status = PICKET_OK;
  picket_error error{};
  guarded.call("execute() of a command that does not exist", [&] {
    const picket_plugin& plugin = guarded.host().plugin();
    if (table.execute != nullptr) {
      status = table.execute(plugin.self, table.count + 7, picket_str_of("{}", 2), 1'000'000, &error);
    }
  });
  if (table.execute != nullptr && status >= PICKET_OK) {
    report.fail("execute() accepted a command that is not in the list; answer PICKET_NOT_FOUND");
  }
  guarded.pass(5);
  guarded.settle();  // a second answer would come now
  guarded.stop();
  guarded.destroy();
  guarded.report_misuses();
}

void try_reload(const TrialInput& input, Report& report) {
  Subject subject(input, report);
  Guarded guarded(subject);
  guarded.create();
  guarded.start();
  for (int i = 0; i < 3; ++i) {
    Result<void> result;
    guarded.call("apply() of the same settings", [&] { result = guarded.host().reload(subject.settings()); });
    if (!result && result.error().status > PICKET_OK) {
      report.fail("apply() answered " + std::to_string(result.error().status) +
                  ", which is no failure and not PICKET_OK");
    }
    if (!result && result.error().status != PICKET_UNSUPPORTED && result.error().message.empty()) {
      report.fail("apply() failed without a text");
    }
    guarded.pass(2);
  }
  guarded.stop();
  guarded.settle();
  guarded.destroy();
}

void try_health(const TrialInput& input, Report& report) {
  Subject subject(input, report);
  Guarded guarded(subject);
  guarded.create();
  const auto ask = [&] {
    testing::HealthState health;
    guarded.call("check()", [&] { health = guarded.host().health(); });
    if (health.state > PICKET_HEALTH_BAD) {
      report.fail("health is " + std::to_string(health.state) + ", which is none of the three states");
    } else if (health.state != PICKET_HEALTH_GOOD && health.message.empty()) {
      report.fail("health is not good, and there is no text that says why");
    }
  };
  guarded.start();
  ask();
  guarded.pass(5);
  ask();
  guarded.stop();
  guarded.destroy();
  guarded.report_misuses();
}

void try_history(const TrialInput& input, Report& report) {
  Subject subject(input, report);
  Guarded guarded(subject);
  guarded.create();
  const auto table = guarded.table<picket_history>(PICKET_EXT_HISTORY);
  if (table.size == 0) {
    report.note("keeps no history (no picket.history/1)");
    return guarded.destroy();
  }
  const auto ask = [&] {
    guarded.call("series()", [&] {
      const auto series = guarded.host().history_series("no.such.series.*");
      if (series && !series->empty()) report.fail("series() found a series of a name that nobody gave");
      if (!series && series.error().message.empty()) report.fail("series() failed without a text");
    });
    guarded.call("points()", [&] {
      const auto points = guarded.host().history_points(UINT64_MAX, 0, INT64_MAX);
      if (points && !points->empty()) report.fail("points() has values of a series that does not exist");
      if (!points && points.error().message.empty()) report.fail("points() failed without a text");
    });
  };
  ask();
  guarded.start();
  ask();
  guarded.stop();
  guarded.destroy();
  guarded.report_misuses();
}

}  // namespace picket::plugin_check
