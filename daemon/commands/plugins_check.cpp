// SPDX-License-Identifier: Apache-2.0
//
// `picket plugins check FILE`, and the hidden verb that its children run.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "commands/exit_codes.hpp"
#include "commands/table.hpp"
#include "commands/verbs.hpp"
#include "config/units.hpp"
#include "platform/clock.hpp"
#include "platform/process.hpp"
#include "plugin_check/check.hpp"
#include "plugin_check/trial.hpp"
#include "service/printable.hpp"

namespace picket::commands {
namespace {

using plugin_check::TrialResult;
using plugin_check::Verdict;

struct CheckVerbOptions {
  std::string file;
  std::string settings;
  std::string timeout = "10s";
  std::vector<std::string> only;
  bool all_commands = false;
  bool list = false;
  bool json = false;
};

int list_trials(bool json, const Surroundings& s) {
  nlohmann::ordered_json answer = nlohmann::ordered_json::array();
  Table table({{"TRIAL"}, {"PROMISE"}, {"NEEDS"}});
  for (const plugin_check::Trial& trial : plugin_check::trials()) {
    const std::string needs = trial.needs == nullptr ? "" : trial.needs;
    answer.push_back({{"name", trial.name}, {"promise", trial.promise}, {"needs", needs}});
    table.add({trial.name, trial.promise, needs.empty() ? "-" : needs});
  }
  if (json) {
    s.out << answer.dump(2) << '\n';
  } else {
    table.print(s.out, s.terminal);
  }
  return kExitOk;
}

// One line, and below it what was found.
void print_result(const TrialResult& result, std::ostream& out) {
  const char* const word = result.verdict == Verdict::passed   ? "ok"
                           : result.verdict == Verdict::failed ? "FAILED"
                                                               : "-";
  std::string line = word;
  line.resize(std::max<std::size_t>(line.size() + 1, 8), ' ');
  line += result.name;
  line.resize(std::max<std::size_t>(line.size() + 1, 26), ' ');
  out << line << (result.verdict == Verdict::not_run ? "not run: " + result.findings.front() : result.promise) << '\n';
  if (result.verdict == Verdict::failed) {
    for (const std::string& finding : result.findings) out << "          " << service::printable(finding) << '\n';
  }
  for (const std::string& note : result.notes) out << "          note: " << service::printable(note) << '\n';
  out << std::flush;
}

nlohmann::ordered_json result_json(const TrialResult& result) {
  return {{"name", result.name},
          {"promise", result.promise},
          {"verdict", plugin_check::to_string(result.verdict)},
          {"findings", result.findings},
          {"notes", result.notes}};
}

int check_file(const CheckVerbOptions& options, const Surroundings& s) {
  const auto timeout = config::parse_duration(options.timeout);
  if (!timeout || *timeout < 100 * platform::kMillisecond || *timeout > platform::kHour) {
    s.err << "picket plugins check: --timeout: " << (timeout ? "it must be from 100ms to 1h" : timeout.error().message)
          << '\n';
    return kExitUsage;
  }
  const plugin_check::CheckOptions check{platform::executable_path(), options.file, options.settings, *timeout,
                                         options.all_commands,        options.only};
  const auto results = plugin_check::check_plugin(check, [&](const TrialResult& result) {
    if (!options.json) print_result(result, s.out);
  });
  if (!results) {
    s.err << "picket plugins check: " << service::printable(results.error().message) << '\n';
    return results.error().status == PICKET_NOT_FOUND ? kExitUnavailable : kExitInternal;
  }
  std::size_t counts[3] = {0, 0, 0};
  nlohmann::ordered_json trials = nlohmann::ordered_json::array();
  for (const TrialResult& result : *results) {
    ++counts[static_cast<std::size_t>(result.verdict)];
    trials.push_back(result_json(result));
  }
  const bool good = counts[static_cast<std::size_t>(Verdict::failed)] == 0;
  if (options.json) {
    const nlohmann::ordered_json answer = {{"file", options.file}, {"ok", good}, {"trials", std::move(trials)}};
    s.out << answer.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n';
  } else {
    s.out << counts[0] << " passed, " << counts[1] << " failed, " << counts[2] << " not run\n";
  }
  return good ? kExitOk : kExitNotWell;
}

// What the children run; nothing of it is for people.
void add_check_one(CLI::App& plugins, Verb& chosen) {
  const auto options = std::make_shared<plugin_check::ChildOptions>();
  const auto texts = std::make_shared<std::array<std::string, 3>>();
  CLI::App* const verb = add_verb(plugins, {"check-one", "Run one trial of `picket plugins check`", {}, {}}, chosen,
                                  [options, texts]() -> Verb {
                                    options->file = (*texts)[0];
                                    options->folder = (*texts)[1];
                                    options->settings = (*texts)[2];
                                    return [options](const Surroundings&) { return plugin_check::run_trial(*options); };
                                  });
  verb->group("");
  verb->add_option("file", (*texts)[0], "The library")->required();
  verb->add_option("--folder", (*texts)[1], "The folder of this trial")->required();
  verb->add_option("--settings", (*texts)[2], "Settings for its instances");
  verb->add_option("--trial", options->trial, "Its name")->required();
  verb->add_option("--patience-ns", options->patience_ns, "How long it waits for the plugin")->required();
  verb->add_flag("--commands", options->all_commands, "Call all commands");
}

}  // namespace

void add_plugins_check(CLI::App& plugins, Verb& chosen) {
  const auto options = std::make_shared<CheckVerbOptions>();
  CLI::App* const verb =
      add_verb(plugins,
               {"check",
                "Find out whether a plugin keeps the promises of the ABI",
                {"picket plugins check build/plugins/libmy_plugin.so",
                 "picket plugins check libmy_plugin.so --settings my_settings.yaml --timeout 30s",
                 "picket plugins check libmy_plugin.so --only consume --json", "picket plugins check --list"},
                {"1   a trial failed", "69  there is no such file or trial"}},
               chosen, [options]() -> Verb {
                 if (!options->list && options->file.empty()) throw CLI::RequiredError("file");
                 return [options](const Surroundings& s) {
                   return options->list ? list_trials(options->json, s) : check_file(*options, s);
                 };
               });
  verb->add_option("file", options->file, "The library; each trial loads it in a process of its own")
      ->type_name("FILE");
  verb->add_option(
          "--settings", options->settings,
          "A YAML file with the settings of an instance, without `type` (the defaults, or the schema's examples)")
      ->type_name("FILE");
  verb->add_option("--timeout", options->timeout, "How long each trial may take")
      ->type_name("DURATION")
      ->capture_default_str();
  verb->add_option("--only", options->only, "Only this trial and those that it needs")
      ->type_name("TRIAL")
      ->take_all()
      ->allow_extra_args(false);
  verb->add_flag("--commands", options->all_commands, "Call those commands too that may change something");
  verb->add_flag("--list", options->list, "List the trials instead");
  verb->add_flag("--json", options->json, "JSON instead of lines");
  add_check_one(plugins, chosen);
}

}  // namespace picket::commands
