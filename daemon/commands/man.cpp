// SPDX-License-Identifier: Apache-2.0
//
// `picket man DIRECTORY`: writes the manual.
#include <filesystem>
#include <fstream>

#include "commands/exit_codes.hpp"
#include "commands/man_pages.hpp"
#include "commands/schema_verb.hpp"
#include "commands/verb_options.hpp"
#include "commands/verbs.hpp"
#include "commands/version.hpp"
#include "platform/utc_time.hpp"
#include "service/printable.hpp"

namespace picket::commands {
namespace {

namespace fs = std::filesystem;

struct ManOptions {
  ConfigOptions config;
  std::vector<std::string> plugins;
  std::string directory;
};

// Today, or what a build that shall be reproducible says (reproducible-builds.org).
std::string page_date(const Surroundings& surroundings) {
  std::int64_t now_ns = surroundings.clock.wall_ns();
  if (const auto given = surroundings.environment("SOURCE_DATE_EPOCH")) {
    const bool number =
        !given->empty() && given->size() <= 10 && given->find_first_not_of("0123456789") == std::string::npos;
    if (number) now_ns = std::stoll(*given) * platform::kSecond;
  }
  return platform::format_utc(now_ns, 0).substr(0, 10);
}

Result<void> write_page(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  if (file.flush()) return {};
  return Error{path.string() + " cannot be written", PICKET_FAILED};
}

int write_manual(const ManOptions& options, CliVerb root, const Surroundings& s) {
  const auto refuse = [&](const std::string& problem, int code) {
    s.err << "picket man: " << service::printable(problem) << '\n';
    return code;
  };
  plugin_host::PluginCatalog catalog(plugin_directories(options.config, s));
  auto plugins = plugin_schemas(catalog, options.plugins, s.err);
  if (!plugins) return refuse(plugins.error().message, kExitUnavailable);
  const auto pages =
      man_pages({std::move(root), std::move(*plugins), step_schemas(), std::string(program_version()), page_date(s)});
  if (!pages) return refuse(pages.error().message, kExitNotWell);
  const fs::path directory(options.directory);
  for (const ManPage& page : *pages) {
    const fs::path folder = directory / ("man" + page.file.substr(page.file.rfind('.') + 1));
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return refuse("cannot make " + folder.string() + ": " + error.message(), kExitNotWell);
    if (const auto written = write_page(folder / page.file, page.text); !written) {
      return refuse(written.error().message, kExitNotWell);
    }
  }
  s.out << pages->size() << " pages in " << directory.string() << '\n';
  return kExitOk;
}

}  // namespace

void add_man(CLI::App& app, Verb& chosen) {
  const auto options = std::make_shared<ManOptions>();
  CLI::App* const verb = add_verb(app,
                                  {"man",
                                   "Write the manual pages into a directory",
                                   {"picket man /usr/local/share/man    # man1/picket.1, man5/picket.yaml.5, ...",
                                    "picket man ./man --plugin perf_collector"},
                                   {"1   a page cannot be written", "69  there is no such plugin"}},
                                  chosen, [options, &app]() -> Verb {
                                    return [options, &app](const Surroundings& s) {
                                      return write_manual(*options, describe_command_line(app), s);
                                    };
                                  });
  verb->add_option("--plugin-path", options->config.plugin_path, "Where to look for plugins")
      ->type_name("DIRECTORY")
      ->delimiter(config::kPathListSeparator)
      ->take_all()
      ->allow_extra_args(false);
  verb->add_option("--plugin", options->plugins, "A page for this plugin only (all that are installed)")
      ->type_name("NAME")
      ->take_all()
      ->allow_extra_args(false);
  verb->add_option("directory", options->directory, "Where to put them; made if it is not there")
      ->required()
      ->type_name("DIRECTORY");
}

}  // namespace picket::commands
