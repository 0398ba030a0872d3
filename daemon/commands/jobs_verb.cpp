// SPDX-License-Identifier: Apache-2.0
#include "commands/client_verb.hpp"
#include "commands/live_jobs.hpp"

namespace picket::commands {
namespace {

using JobsWork = std::function<int(const JobsOptions&, Client&, const Surroundings&)>;

CLI::App* add_jobs_verb(CLI::App& parent, const VerbText& text, Verb& chosen,
                        const std::shared_ptr<JobsOptions>& options, bool named, JobsWork work) {
  const std::string path = parent.get_name() == "jobs" ? std::string("jobs ") + text.name : "jobs";
  CLI::App* const verb = add_verb(parent, text, chosen, [options, path, work = std::move(work)]() -> Verb {
    return [options, path, work](const Surroundings& s) {
      return with_client(options->client, path, s, [&](Client& client) { return work(*options, client, s); });
    };
  });
  add_client_options(*verb, options->client);
  verb->add_option("--instance", options->instance, "The supervisor; needed when there are several")->type_name("NAME");
  if (path == "jobs") return verb;
  CLI::Option* const programs =
      verb->add_option("programs", options->programs, "Programs, instances (web@1), groups, or all")
          ->type_name("PROGRAM");
  if (named) programs->required();
  return verb;
}

void add_waiting(CLI::App& verb, JobsOptions& options) {
  verb.add_flag("--no-wait", options.no_wait, "Do not wait until it is done");
  verb.add_option("--timeout", options.timeout, "How long to wait")->type_name("DURATION");
  verb.add_flag("--json", options.json, "The answer as JSON");
}

void add_stopping(CLI::App& verb, JobsOptions& options) {
  verb.add_option("--reason", options.reason, "Is kept with what it does")->type_name("TEXT");
  verb.add_flag("--drain", options.drain, "First what the program's drain says");
}

}  // namespace

void add_jobs(CLI::App& app, Verb& chosen) {
  const auto whole = std::make_shared<JobsOptions>();
  CLI::App* const jobs = add_jobs_verb(
      app,
      {"jobs",
       "Show and control the programs that a running daemon supervises",
       {"picket jobs", "picket jobs restart web --drain", "picket jobs why web", "picket jobs logs -f all"},
       {"1   a program is not well", "69  no daemon answers, or it has no supervisor", "77  permission is missing"}},
      chosen, whole, false, jobs_status);
  jobs->add_flag("--json", whole->json, "JSON instead of a table");
  // Without a verb of its own it shows the table; a verb has chosen already when this runs.
  jobs->final_callback([&chosen, jobs, whole] {
    if (!jobs->get_subcommands().empty()) return;
    chosen = [whole](const Surroundings& s) {
      return with_client(whole->client, "jobs", s, [&](Client& client) { return jobs_status(*whole, client, s); });
    };
  });

  const std::vector<const char*> codes = {"1   a program is not well, or did not do it", "69  no daemon answers",
                                          "77  permission is missing"};
  const auto options = std::make_shared<JobsOptions>();
  CLI::App* verb = add_jobs_verb(*jobs,
                                 {"status",
                                  "Show programs: state, process, use, restarts",
                                  {"picket jobs status", "picket jobs status web backend --json"},
                                  codes},
                                 chosen, options, false, jobs_status);
  verb->add_flag("--json", options->json, "JSON instead of a table");

  verb = add_jobs_verb(
      *jobs, {"start", "Start programs, and those that they require", {"picket jobs start web"}, codes}, chosen,
      options, true,
      [](const JobsOptions& o, Client& client, const Surroundings& s) { return jobs_change("start", o, client, s); });
  add_waiting(*verb, *options);

  verb = add_jobs_verb(*jobs,
                       {"stop",
                        "Stop programs; whoever requires them goes down first",
                        {"picket jobs stop web", "picket jobs stop all --reason upgrade"},
                        codes},
                       chosen, options, true, [](const JobsOptions& o, Client& client, const Surroundings& s) {
                         return jobs_change("stop", o, client, s);
                       });
  add_stopping(*verb, *options);
  verb->add_flag("--now", options->now, "Kill at once");
  add_waiting(*verb, *options);

  verb = add_jobs_verb(*jobs,
                       {"restart",
                        "Stop programs and start them again; start those that do not run",
                        {"picket jobs restart web --drain", "picket jobs restart web@2"},
                        codes},
                       chosen, options, true, [](const JobsOptions& o, Client& client, const Surroundings& s) {
                         return jobs_change("restart", o, client, s);
                       });
  add_stopping(*verb, *options);
  add_waiting(*verb, *options);

  verb = add_jobs_verb(*jobs, {"signal", "Send a signal to programs", {"picket jobs signal web --signal HUP"}, codes},
                       chosen, options, true, jobs_signal);
  verb->add_option("--signal", options->signal, "HUP, SIGUSR1, 10, RTMIN+1")->type_name("SIGNAL")->required();
  verb->add_flag("--tree", options->tree, "To every process, not to the main one alone");

  verb = add_jobs_verb(*jobs,
                       {"logs",
                        "Show the last lines of output, and follow",
                        {"picket jobs logs web", "picket jobs logs all -f --lines 10"},
                        codes},
                       chosen, options, true, jobs_logs);
  verb->add_option("--lines", options->lines, "The last so many of each program")->check(CLI::Range(1, 10'000));
  verb->add_flag("-f,--follow", options->follow, "Go on with what is written from now on");
  verb->add_flag("--json", options->json, "A JSON object a line");

  verb =
      add_jobs_verb(*jobs, {"why", "Explain the present state by the last transitions", {"picket jobs why web"}, codes},
                    chosen, options, true, jobs_why);
  verb->add_flag("--json", options->json, "JSON instead of text");
}

}  // namespace picket::commands
