// SPDX-License-Identifier: Apache-2.0
#include "commands/test_verb.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "commands/exit_codes.hpp"
#include "commands/verb_options.hpp"
#include "commands/verbs.hpp"
#include "config/suggest.hpp"
#include "rehearsal/report.hpp"
#include "rehearsal/runner.hpp"
#include "routing/expression/glob.hpp"
#include "service/printable.hpp"

namespace picket::commands {
namespace {

// The tests whose names fit one of `patterns`; nothing when a pattern fits none, which was told.
std::optional<std::vector<const config::Test*>> choose_tests(const config::Model& model,
                                                             const std::vector<std::string>& patterns,
                                                             std::ostream& err) {
  std::vector<bool> wanted(model.tests.size(), patterns.empty());
  for (const std::string& pattern : patterns) {
    const auto glob = routing::expression::Glob::compile(pattern);
    bool found = false;
    for (std::size_t i = 0; i < model.tests.size(); ++i) {
      const std::string& name = model.tests[i].name;
      if (name != pattern && !(glob && glob->matches(name))) continue;
      wanted[i] = true;
      found = true;
    }
    if (found) continue;
    std::vector<std::string> names;
    for (const config::Test& test : model.tests) names.push_back(test.name);
    err << "picket test: no test is called `" << service::printable(pattern) << "`"
        << config::suggestion(pattern, names, 0) << "; `*` stands for any text\n";
    return std::nullopt;
  }
  std::vector<const config::Test*> chosen;
  for (std::size_t i = 0; i < model.tests.size(); ++i) {
    if (wanted[i]) chosen.push_back(&model.tests[i]);
  }
  return chosen;
}

// False when it cannot be written, which was told.
bool write_junit(const std::string& file, const std::string& xml, const Surroundings& surroundings) {
  if (file == "-") {
    surroundings.out << xml;
    return true;
  }
  std::ofstream out(std::filesystem::path(file), std::ios::binary);
  out << xml;
  out.close();
  if (out) return true;
  surroundings.err << "picket test: " << service::printable(file) << " cannot be written\n";
  return false;
}

}  // namespace

void check_test_files(Configuration& configuration) {
  if (!configuration.loaded.model) return;
  for (const config::Test& test : configuration.loaded.model->tests) {
    const auto checked = rehearsal::check_files(test);
    if (checked) continue;
    configuration.loaded.diagnostics.add(
        {config::Severity::error, test.where, "test `" + test.name + "`: " + checked.error().message, ""});
  }
}

int run_tests(const TestOptions& options, const Surroundings& surroundings) {
  const Configuration configuration = read_configuration(options.config, surroundings);
  surroundings.err << configuration.loaded.diagnostics.render();
  if (!configuration.loaded.model) return kExitConfiguration;
  const config::Model& model = *configuration.loaded.model;
  if (model.tests.empty()) {
    surroundings.err
        << "picket test: the configuration has no `tests:`; see config/README.md for what they look like\n";
    return kExitNotWell;
  }
  const auto chosen = choose_tests(model, options.names, surroundings.err);
  if (!chosen) return kExitNotWell;

  const bool text = !options.json && options.junit != "-";
  const rehearsal::ReportStyle style{surroundings.terminal.colour, options.verbose};
  std::vector<rehearsal::Timed> all;
  for (const config::Test* test : *chosen) {
    const std::int64_t began = surroundings.clock.monotonic_ns();
    rehearsal::TestResult result = rehearsal::run_test(model, *test);
    all.push_back({std::move(result), surroundings.clock.monotonic_ns() - began});
    if (text) rehearsal::print_result(all.back(), style, surroundings.out);
  }
  if (text) surroundings.out << rehearsal::summary(all) << '\n';
  if (options.json) surroundings.out << rehearsal::report_json(all).dump(2) << '\n';
  if (!options.junit.empty() && !write_junit(options.junit, rehearsal::junit(all), surroundings)) {
    return kExitUnavailable;
  }
  const bool passed =
      std::all_of(all.begin(), all.end(), [](const rehearsal::Timed& each) { return each.result.passed(); });
  return passed ? kExitOk : kExitNotWell;
}

void add_test(CLI::App& app, Verb& chosen) {
  const auto options = std::make_shared<TestOptions>();
  CLI::App* const verb = add_verb(
      app,
      {"test",
       "Run the tests of the configuration on its routes; nothing is started",
       {"picket test", "picket test 'memory *' --verbose", "picket test --config ./picket.yaml --junit results.xml"},
       {"1   a test failed, or there is none", "69  the file of --junit cannot be written",
        "78  the configuration is wrong"}},
      chosen, [options]() -> Verb { return [options](const Surroundings& s) { return run_tests(*options, s); }; });
  add_config_options(*verb, options->config);
  verb->add_option("name", options->names, "Only tests with such names; `*` and `?` stand for other characters")
      ->type_name("NAME-GLOB");
  verb->add_option("--junit", options->junit, "Write the verdicts as JUnit's XML to this file; - is standard output")
      ->type_name("FILE");
  CLI::Option* const json = verb->add_flag("--json", options->json, "Print JSON");
  verb->add_flag("-v,--verbose", options->verbose, "Say what happened in tests that passed, too")->excludes(json);
}

}  // namespace picket::commands
