// SPDX-License-Identifier: Apache-2.0
#include "commands/man_pages.hpp"

#include <algorithm>
#include <cctype>

#include "commands/roff.hpp"
#include "config/daemon_schema.hpp"
#include "config/schema.hpp"

namespace picket::commands {
namespace {

std::string upper_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

std::string dashed(std::string path) {
  std::replace(path.begin(), path.end(), ' ', '-');
  return path;
}

std::string lower_first(std::string text) {
  if (!text.empty()) text.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(text.front())));
  return text;
}

std::string upper_first(std::string text) {
  if (!text.empty()) text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
  return text;
}

// "[--json] [--limit UINT] NAME"
std::string usage_of(const CliVerb& verb) {
  std::string text;
  const auto add = [&](const CliOption& option, const std::string& name) {
    std::string word = name + (name.empty() || option.value.empty() ? "" : " ") + option.value;
    if (option.repeatable) word += " ...";
    text += (text.empty() ? "" : " ") + (option.required ? word : "[" + word + "]");
  };
  for (const CliOption& option : verb.options) add(option, option.names.back());
  for (const CliOption& positional : verb.positionals) add(positional, "");
  return text;
}

std::string option_meaning(const CliOption& option) {
  std::string text = option.description + ".";
  if (!option.choices.empty()) {
    std::string list;
    for (const std::string& choice : option.choices) list += (list.empty() ? "" : ", ") + choice;
    text += " One of: " + list + ".";
  }
  if (!option.fallback.empty()) text += " Default: " + option.fallback + ".";
  if (option.repeatable && !option.names.empty()) text += " May be repeated.";
  if (!option.environment.empty()) text += " Environment: " + option.environment + ".";
  return text;
}

void options_of(const CliVerb& verb, Roff& page) {
  for (const CliOption& positional : verb.positionals) page.item(positional.value, "", option_meaning(positional));
  for (const CliOption& option : verb.options) {
    std::string names;
    for (const std::string& name : option.names) names += (names.empty() ? "" : ", ") + name;
    page.item(names, option.value, option_meaning(option));
  }
  page.item("-h, --help", "", "Explain, with examples, and exit.");
}

void exit_codes(const std::vector<std::string>& codes, Roff& page) {
  page.item("0", "", "Done.");
  for (const std::string& code : codes) {
    const std::size_t number = code.find(' ');
    const std::size_t words = code.find_first_not_of(' ', number);
    if (code.starts_with("0 ") || code.starts_with("64 ") || code.starts_with("70 ")) continue;
    page.item(code.substr(0, number), "", words == std::string::npos ? "" : upper_first(code.substr(words)) + ".");
  }
  page.item("64", "", "Wrong use.");
  page.item("70", "", "Internal error.");
}

// A verb with verbs below it is one page with all of them.
ManPage verb_page(const CliVerb& verb, const ManInput& input) {
  const std::string name = dashed(verb.path);
  Roff page(upper_case(name), 1, input.date, input.version);
  std::vector<const CliVerb*> parts = leaf_verbs(verb);
  const bool grouped = !parts.empty();
  if (!grouped) parts.push_back(&verb);
  page.section("NAME");
  page.paragraph(name + " - " + lower_first(verb.summary));
  page.section("SYNOPSIS");
  for (const CliVerb* part : parts) page.synopsis(part->path, usage_of(*part));
  page.section(grouped ? "VERBS" : "OPTIONS");
  for (const CliVerb* part : parts) {
    if (grouped) {
      page.subsection(part->path);
      page.paragraph(part->summary + ".");
    }
    options_of(*part, page);
  }
  page.section("EXAMPLES");
  std::string examples;
  std::vector<std::string> codes;
  for (const CliVerb* part : parts) {
    for (const std::string& example : part->examples) examples += example + "\n";
    for (const std::string& code : part->exit_codes) {
      if (std::find(codes.begin(), codes.end(), code) == codes.end()) codes.push_back(code);
    }
  }
  page.literal(examples);
  page.section("EXIT STATUS");
  std::stable_sort(codes.begin(), codes.end(),
                   [](const std::string& a, const std::string& b) { return std::stoi(a) < std::stoi(b); });
  exit_codes(codes, page);
  page.section("SEE ALSO");
  page.paragraph("picket(1), picket.yaml(5)");
  return {name + ".1", page.take()};
}

ManPage program_page(const ManInput& input) {
  Roff page("PICKET", 1, input.date, input.version);
  page.section("NAME");
  page.paragraph("picket - " + lower_first(input.root.summary.substr(0, input.root.summary.find('.'))));
  page.section("SYNOPSIS");
  page.synopsis("picket", "VERB [OPTION ...]");
  page.section("DESCRIPTION");
  page.paragraph(input.root.summary +
                 " What it does is configured in picket.yaml(5). "
                 "Each verb has a page of its own and explains itself with --help.");
  page.section("VERBS");
  for (const CliVerb& verb : input.root.verbs) {
    page.item(verb.name, "", verb.summary + ". See " + dashed(verb.path) + "(1).");
  }
  page.section("ENVIRONMENT");
  page.item("PICKET_...", "",
            "Each option can be given in the environment too: --plugin-path as PICKET_PLUGIN_PATH. "
            "What stands on the command line counts more.");
  page.item("NO_COLOR", "", "No colours, also on a terminal.");
  page.section("FILES");
  page.item("/etc/picket/picket.yaml", "", "The configuration, with /etc/picket/conf.d/*.yaml beside it.");
  page.item("/usr/lib/picket/plugins", "", "The plugins.");
  page.item("/var/lib/picket", "", "What is kept; systemd's STATE_DIRECTORY if it is set.");
  page.section("EXIT STATUS");
  exit_codes({"1   what was asked about is not well", "69  no daemon, plugin or history to ask", "77  not permitted",
              "78  the configuration is wrong"},
             page);
  page.section("SEE ALSO");
  std::string others;
  for (const CliVerb& verb : input.root.verbs) others += dashed(verb.path) + "(1), ";
  page.paragraph(others + "picket.yaml(5)");
  return {"picket.1", page.take()};
}

Result<void> settings_of(std::string_view schema, const std::string& above, Roff& page) {
  const auto settings = config::list_settings(schema);
  if (!settings) return settings.error();
  for (const config::SettingText& setting : *settings) {
    page.item(above + setting.path, "(" + setting.facts + ")", setting.description);
  }
  return {};
}

Result<ManPage> file_page(const ManInput& input) {
  Roff page("PICKET.YAML", 5, input.date, input.version);
  page.section("NAME");
  page.paragraph("picket.yaml - configuration of the monitoring daemon Picket");
  page.section("DESCRIPTION");
  page.paragraph(
      "A YAML file with the sections below. Files in conf.d beside it whose names end in .yaml are merged in, in order "
      "of their names; what two files say is an error. A key that nobody knows is an error, too. "
      "Check with picket-validate(1).");
  page.item("Durations", "", "250ms, 5s, 1h30m, 2d. Units: ns us ms s m h d w y; m is a minute, d is 24 hours.");
  page.item("Sizes", "", "1024, 500kB, 64MiB. Units: B kB KiB MB MiB GB GiB TB TiB; with an i, powers of 1024.");
  page.item("${VAR} ${VAR:-default} ${VAR:?message}", "",
            "Replaced in values by variables of the environment, after YAML is parsed. $${ is the text ${.");
  page.item("!secret NAME", "",
            "In instances: the content of the file NAME in the credentials directory of systemd, else in "
            "daemon.secrets_dir. Never printed.");
  page.section("DAEMON");
  if (auto done = settings_of(config::daemon_schema(), "", page); !done) return done.error();
  page.section("INSTANCES");
  page.paragraph("NAME: {type: PLUGIN, ...}. Each type of plugin has settings of its own:");
  for (const config::NamedSchema& plugin : input.plugins) {
    page.item(plugin.name, "", plugin.summary + ". See picket-" + plugin.name + "(5).");
  }
  if (input.plugins.empty()) page.paragraph("`picket plugins list` shows those that are installed.");
  page.section("ROUTES");
  page.paragraph("NAME: {from: ..., to: ...}.");
  if (auto done = settings_of(config::route_schema(), "", page); !done) return done.error();
  page.section("STEPS");
  page.paragraph("Each item of `steps` is one of these, with its settings:");
  for (const config::NamedSchema& step : input.steps) {
    page.subsection(step.name);
    page.paragraph(step.summary + ".");
    if (auto done = settings_of(step.schema, step.name + ".", page); !done) return done.error();
  }
  page.section("TESTS");
  page.paragraph("A list; picket-test(1) runs it. Each item:");
  if (auto done = settings_of(config::test_schema(), "", page); !done) return done.error();
  page.section("SEE ALSO");
  std::string others;
  for (const config::NamedSchema& plugin : input.plugins) others += ", picket-" + plugin.name + "(5)";
  page.paragraph("picket(1), picket-validate(1), picket-schema(1)" + others);
  return ManPage{"picket.yaml.5", page.take()};
}

Result<ManPage> plugin_page(const config::NamedSchema& plugin, const ManInput& input) {
  const std::string name = "picket-" + plugin.name;
  Roff page(upper_case(name), 5, input.date, input.version);
  page.section("NAME");
  page.paragraph(name + " - settings of the plugin " + plugin.name + ": " + plugin.summary);
  page.section("DESCRIPTION");
  page.paragraph("An instance of this plugin in picket.yaml(5) has the type " + plugin.name +
                 " and these settings. As a commented example: picket plugins describe " + plugin.name);
  page.section("SETTINGS");
  if (auto done = settings_of(plugin.schema, "", page); !done) return done.error();
  page.section("SEE ALSO");
  page.paragraph("picket(1), picket.yaml(5), picket-plugins(1)");
  return ManPage{name + ".5", page.take()};
}

}  // namespace

Result<std::vector<ManPage>> man_pages(const ManInput& input) {
  std::vector<ManPage> pages = {program_page(input)};
  for (const CliVerb& verb : input.root.verbs) pages.push_back(verb_page(verb, input));
  auto file = file_page(input);
  if (!file) return file.error();
  pages.push_back(std::move(*file));
  for (const config::NamedSchema& plugin : input.plugins) {
    auto page = plugin_page(plugin, input);
    if (!page) return Error{plugin.name + ": " + page.error().message, page.error().status};
    pages.push_back(std::move(*page));
  }
  std::sort(pages.begin(), pages.end(), [](const ManPage& a, const ManPage& b) { return a.file < b.file; });
  return pages;
}

}  // namespace picket::commands
