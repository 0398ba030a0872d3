// SPDX-License-Identifier: Apache-2.0
#include "commands/client_verb.hpp"
#include "commands/exit_codes.hpp"
#include "commands/live_commands.hpp"
#include "commands/table.hpp"
#include "service/printable.hpp"

namespace picket::commands {
namespace {

// "program (text), signal? (integer)": what a command's argument may have.
std::string arguments_text(const ClientJson& schema) {
  std::string text;
  if (!schema.is_object()) return text;
  const ClientJson required = schema.value("required", ClientJson::array());
  const ClientJson properties = schema.value("properties", ClientJson::object());
  for (const auto& [name, property] : properties.items()) {
    bool needed = false;
    for (const ClientJson& one : required) needed = needed || one == name;
    std::string type = property.is_object() && property.contains("type") && property["type"].is_string()
                           ? property["type"].get<std::string>()
                           : "";
    if (type == "string") type = property.contains("format") ? property.value("format", "") : "text";
    text += (text.empty() ? "" : " ") + name + "=" + (type.empty() ? "..." : type) + (needed ? "" : "?");
  }
  return text;
}

int list_commands(const CallOptions& options, Client& client, const Surroundings& s) {
  ClientJson params = ClientJson::object();
  if (!options.instance.empty()) params["instance"] = options.instance;
  auto answer = client.ask("commands", std::move(params));
  if (!answer.ok()) return report(answer.error(), "call", s.err);
  if (options.json) {
    s.out << answer->dump(2) << '\n';
    return kExitOk;
  }
  Table table({{"INSTANCE"}, {"COMMAND"}, {"RIGHT"}, {"ARGUMENTS"}, {"SUMMARY"}});
  for (const ClientJson& command : *answer) {
    table.add({command.value("instance", ""), command.value("command", ""),
               command.value("read_only", false) ? "read" : "control",
               arguments_text(command.value("args_schema", ClientJson())), command.value("summary", "")});
  }
  table.print(s.out, s.terminal);
  return kExitOk;
}

// The argument that words describe: texts where the command's schema wants texts.
Answered<ClientJson> args_of_words(const CallOptions& options, Client& client) {
  ClientJson properties = ClientJson::object();
  auto commands = client.ask("commands", {{"instance", options.instance}});
  if (commands.ok()) {  // if not, the call itself says why
    for (const ClientJson& command : *commands) {
      if (command.value("command", "") != options.command) continue;
      const ClientJson schema = command.value("args_schema", ClientJson());
      if (schema.is_object()) properties = schema.value("properties", ClientJson::object());
    }
  }
  ClientJson args = ClientJson::object();
  for (const std::string& word : options.words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
      return ClientError{kExitUsage, "`" + service::printable(word) + "` is not of the form KEY=VALUE"};
    }
    const std::string key = word.substr(0, equals);
    if (args.contains(key)) return ClientError{kExitUsage, "`" + service::printable(key) + "` is given twice"};
    args[key] = word_value(word.substr(equals + 1), properties.value(key, ClientJson()));
  }
  return args;
}

}  // namespace

int call(const CallOptions& options, Client& client, const Surroundings& s) {
  if (options.list) return list_commands(options, client, s);
  if (options.instance.empty() || options.command.empty()) {
    return report({kExitUsage, "give an instance and a command; `picket call --list` shows what there is"}, "call",
                  s.err);
  }
  if (!options.args.empty() && !options.words.empty()) {
    return report({kExitUsage, "give KEY=VALUE words or --args, not both"}, "call", s.err);
  }
  auto timeout = duration_option("--timeout", options.timeout);
  if (!timeout.ok()) return report(timeout.error(), "call", s.err);
  ClientJson args = ClientJson::object();
  if (!options.args.empty()) {
    args = ClientJson::parse(options.args, nullptr, false);
    if (!args.is_object()) return report({kExitUsage, "--args is no JSON object"}, "call", s.err);
  } else if (!options.words.empty()) {
    auto given = args_of_words(options, client);
    if (!given.ok()) return report(given.error(), "call", s.err);
    args = std::move(*given);
  }
  auto answer = client.command(options.instance, options.command, std::move(args), *timeout);
  if (!answer.ok()) return report(answer.error(), "call", s.err);
  s.out << answer->dump(2) << '\n';
  return kExitOk;
}

void add_call(CLI::App& app, Verb& chosen) {
  const auto options = std::make_shared<CallOptions>();
  CLI::App* const verb = add_verb(
      app,
      {"call",
       "Call a command of an instance; `picket` is the daemon itself",
       {"picket call --list", "picket call jobs restart program=web", "picket call picket flush",
        "picket call jobs signal --args '{\"program\": \"web\", \"signal\": \"HUP\"}' --timeout 5s"},
       {"1   the command failed, or did not answer in time", "64  the arguments are wrong",
        "69  no daemon answers, or there is no such command", "77  permission is missing"}},
      chosen, [options]() -> Verb {
        return [options](const Surroundings& s) {
          return with_client(options->client, "call", s, [&](Client& client) { return call(*options, client, s); });
        };
      });
  add_client_options(*verb, options->client);
  verb->add_option("instance", options->instance, "The instance")->type_name("INSTANCE");
  verb->add_option("command", options->command, "Its command")->type_name("COMMAND");
  verb->add_option("words", options->words, "The argument's members")->type_name("KEY=VALUE");
  verb->add_option("--args", options->args, "The whole argument, as a JSON object")->type_name("JSON");
  verb->add_option("--timeout", options->timeout, "How long to wait for the answer")->type_name("DURATION");
  verb->add_flag("--list", options->list, "What can be called, with its arguments and the right that it needs");
  verb->add_flag("--json", options->json, "With --list: JSON with the schemas");
}

}  // namespace picket::commands
