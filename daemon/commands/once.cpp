// SPDX-License-Identifier: Apache-2.0
//
// A daemon without routes: only the chosen instances start, each is sent the command `collect`, and what it answers is
// printed. Sinks are never made, so that a running daemon's database is left alone.
#include "commands/once.hpp"

#include <future>
#include <nlohmann/json.hpp>
#include <set>

#include "commands/exit_codes.hpp"
#include "commands/human_units.hpp"
#include "commands/offline_instance.hpp"
#include "commands/table.hpp"
#include "commands/verb_options.hpp"
#include "commands/verbs.hpp"
#include "config/argument_check.hpp"
#include "platform/asio_executor.hpp"
#include "service/daemon.hpp"

namespace picket::commands {
namespace {

using Json = nlohmann::ordered_json;

struct RoundAnswer {
  picket_status status = PICKET_FAILED;
  std::string text;
};

// The instances to ask, or why one of those wanted cannot be.
Result<std::vector<std::string>> choose(const config::Model& model, const std::vector<std::string>& wanted) {
  std::set<std::string> fed;
  std::set<std::string> sources;
  for (const auto& [name, route] : model.routes) {
    for (const config::Destination& to : route.to) fed.insert(to.instance);
    for (const config::SourceRef& from : route.from) {
      if (from.instance != "picket") sources.insert(from.instance);
    }
  }
  if (!wanted.empty()) {
    for (const std::string& name : wanted) {
      if (!model.instances.contains(name)) return Error{"no instance is called '" + name + "'", PICKET_NOT_FOUND};
      if (fed.contains(name)) {
        return Error{"'" + name + "' takes events from a route; only sources are asked", PICKET_INVALID};
      }
    }
    return wanted;
  }
  std::vector<std::string> result;
  for (const std::string& name : sources) {
    if (!fed.contains(name)) result.push_back(name);
  }
  return result;
}

// Not those that do not collect: a door, say, which would open and close again. One that cannot be made stays, so that
// its error is told.
void drop_others(std::vector<std::string>& names, const config::Model& model, const Configuration& configuration,
                 service::Log& log) {
  std::erase_if(names, [&](const std::string& name) {
    const config::Instance& instance = model.instances.at(name);
    const auto type = configuration.catalog->find(instance.type);
    if (!type.ok()) return false;
    const auto made = OfflineInstance::create(instance, **type, model.daemon.state_dir, log);
    return made.ok() && !(*made)->has_command("collect");
  });
}

RoundAnswer ask(service::Daemon& daemon, const std::string& instance) {
  const auto promise = std::make_shared<std::promise<RoundAnswer>>();
  auto future = promise->get_future();
  daemon.core().commands.call(instance, "collect", "{}", 0, [promise](picket_status status, std::string text) {
    promise->set_value({status, std::move(text)});
  });
  return future.get();
}

template <typename Operation>
void wait_for(Operation&& operation) {
  const auto done = std::make_shared<std::promise<void>>();
  operation([done] { done->set_value(); });
  done->get_future().wait();
}

std::string attributes_text(const Json& attributes) {
  std::string text;
  for (const auto& [key, value] : attributes.items()) {
    text += (text.empty() ? "" : " ") + key + "=" + (value.is_string() ? value.get<std::string>() : value.dump());
  }
  return text;
}

}  // namespace

void print_collected(const std::string& instance, const std::string& json, std::ostream& out,
                     const platform::Terminal& terminal) {
  const Json answer = Json::parse(json, nullptr, false);
  if (!answer.is_object() || !answer.contains("metrics") || !answer["metrics"].is_array()) {
    out << instance << ": " << json << '\n';
    return;
  }
  Table table({{"NAME"}, {"ATTRIBUTES"}, {"VALUE", Align::right}});
  for (const Json& metric : answer["metrics"]) {
    if (!metric.is_object()) continue;
    const Json value = metric.value("value", Json());
    table.add({metric.value("name", ""), attributes_text(metric.value("attributes", Json::object())),
               value.is_number() ? human_value(value.get<double>(), metric.value("unit", "")) : value.dump()});
  }
  table.print(out, terminal);
}

int once(const OnceOptions& options, const Surroundings& surroundings) {
  Configuration configuration = read_configuration(options.config, surroundings);
  surroundings.err << configuration.loaded.diagnostics.render();
  if (!configuration.loaded.model) return kExitConfiguration;
  config::Model model = std::move(*configuration.loaded.model);
  auto chosen = choose(model, options.instances);
  if (!chosen.ok()) {
    surroundings.err << "picket once: " << chosen.error().message << '\n';
    return kExitUsage;
  }
  service::Log log(quiet_log(), surroundings.clock, service::make_stderr_log_sink());
  if (options.instances.empty()) drop_others(*chosen, model, configuration, log);
  if (chosen->empty()) {
    surroundings.err << "picket once: no route begins at an instance that collects; name one with --instance\n";
    return kExitNotWell;
  }
  model.routes.clear();
  const std::set<std::string> names(chosen->begin(), chosen->end());
  std::erase_if(model.instances, [&](const auto& item) { return !names.contains(item.first); });

  const auto executor = std::make_shared<platform::AsioExecutor>("picket", 1);
  service::Notifier notifier(nullptr, surroundings.clock, [](const std::string&) {});
  service::Daemon daemon({executor, log, notifier, *configuration.catalog, config::check_argument,
                          [] { return service::LoadedModel{}; }, [] {}},
                         std::move(model));
  wait_for([&](const std::function<void()>& done) { daemon.start(done); });
  int exit_code = kExitOk;
  Json all = Json::object();
  for (const std::string& name : *chosen) {
    const RoundAnswer answer = ask(daemon, name);
    if (answer.status != PICKET_OK) {
      surroundings.err << "picket once: " << name << ": " << answer.text << '\n';
      exit_code = kExitNotWell;
    } else if (options.json) {
      Json parsed = Json::parse(answer.text, nullptr, false);
      all[name] = parsed.is_discarded() ? Json(answer.text) : std::move(parsed);
    } else {
      print_collected(name, answer.text, surroundings.out, surroundings.terminal);
    }
  }
  if (options.json) surroundings.out << all.dump(2) << '\n';
  wait_for([&](const std::function<void()>& done) { daemon.stop(done); });
  executor->stop();
  return exit_code;
}

void add_once(CLI::App& app, Verb& chosen) {
  const auto options = std::make_shared<OnceOptions>();
  CLI::App* const verb =
      add_verb(app,
               {"once",
                "Collect one round and print it; nothing is stored",
                {"picket once", "picket once --instance host --json"},
                {"1   an instance could not collect", "78  the configuration is wrong"}},
               chosen, [options]() -> Verb { return [options](const Surroundings& s) { return once(*options, s); }; });
  add_config_options(*verb, options->config);
  verb->add_option("--instance", options->instances, "Ask this instance; may be repeated")->allow_extra_args(false);
  verb->add_flag("--json", options->json, "Print JSON");
}

}  // namespace picket::commands
