// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "commands/client_verb.hpp"
#include "commands/exit_codes.hpp"
#include "commands/human_units.hpp"
#include "commands/live_jobs.hpp"
#include "commands/table.hpp"
#include "config/units.hpp"
#include "platform/utc_time.hpp"
#include "service/printable.hpp"

namespace picket::commands {
namespace {

constexpr std::int64_t kSecondOfJobs = 1'000'000'000;

std::string text_of_job(const ClientJson& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

std::string age_of_job(const ClientJson& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return "";
  return config::format_duration(static_cast<std::int64_t>(found->get<double>()) * kSecondOfJobs);
}

// The instance that is meant: the one that was named, else the only supervisor.
Answered<std::string> supervisor_of(const JobsOptions& options, Client& client) {
  if (!options.instance.empty()) return options.instance;
  auto status = client.command("picket", "status", ClientJson::object());
  if (!status.ok()) return status.error();
  std::vector<std::string> names;
  for (const ClientJson& instance : status->value("instances", ClientJson::array())) {
    if (text_of_job(instance, "type") == "process_supervisor") names.push_back(text_of_job(instance, "name"));
  }
  if (names.empty()) return ClientError{kExitUnavailable, "this daemon has no instance of process_supervisor"};
  if (names.size() == 1) return names.front();
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return ClientError{kExitUsage, "there are several supervisors, choose one by --instance: " + list};
}

// Each of the names by itself, the answers' `member` joined.
Answered<ClientJson> ask_each(const std::string& instance, const std::string& command, const JobsOptions& options,
                              const ClientJson& more, const char* member, Client& client,
                              std::int64_t timeout_ns = Client::kPatience) {
  std::vector<std::string> names = options.programs;
  if (names.empty()) names = {"all"};
  ClientJson all = ClientJson::array();
  ClientJson whole;
  for (const std::string& name : names) {
    ClientJson args = more;
    args["program"] = name;
    auto answer = client.command(instance, command, std::move(args), timeout_ns);
    if (!answer.ok()) return answer.error();
    for (const ClientJson& one : answer->value(member, ClientJson::array())) {
      if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
    }
    whole = std::move(*answer);
  }
  whole[member] = std::move(all);
  return whole;
}

bool is_troubled(const ClientJson& program) {
  const std::string state = text_of_job(program, "state");
  return state == "failed" || state == "degraded" || program.value("failures_in_a_row", 0) > 0;
}

void print_jobs(const ClientJson& programs, const Surroundings& s) {
  Table table({{"PROGRAM"},
               {"STATE"},
               {"FOR", Align::right},
               {"PID", Align::right},
               {"CPU", Align::right},
               {"MEMORY", Align::right},
               {"PROCESSES", Align::right},
               {"RESTARTS", Align::right},
               {"NOTE"}});
  for (const ClientJson& program : programs) {
    std::string note = text_of_job(program, "note");
    if (program.contains("next_run_s"))
      note = "next run in " + age_of_job(program, "next_run_s") + (note.empty() ? "" : "; " + note);
    const bool measured = program.contains("memory");
    table.add({text_of_job(program, "program"), text_of_job(program, "state"), age_of_job(program, "for_s"),
               text_of_job(program, "pid"),
               program.contains("cpu_s") ? human_value(program.value("cpu_s", 0.0), "s") : "",
               measured ? human_value(program.value("memory", 0.0), "By") : "", text_of_job(program, "processes"),
               text_of_job(program, "restarts"), note});
  }
  table.print(s.out, s.terminal);
}

void print_watched(const ClientJson& watched, const Surroundings& s) {
  if (watched.empty()) return;
  Table table({{"WATCH"}, {"STATE"}, {"PIDS"}, {"NOTE"}});
  for (const ClientJson& one : watched) {
    std::string pids;
    for (const ClientJson& pid : one.value("pids", ClientJson::array())) pids += (pids.empty() ? "" : " ") + pid.dump();
    table.add({text_of_job(one, "watch"), text_of_job(one, "state"), pids, text_of_job(one, "note")});
  }
  s.out << '\n';
  table.print(s.out, s.terminal);
}

// A line of output for people: time, program, text.
void print_job_line(const std::string& time, const std::string& program, const std::string& text,
                    const Surroundings& s) {
  s.out << time << ' ' << service::printable(program) << ": " << service::printable(text) << '\n' << std::flush;
}

// Follows what `programs` write, as far as it is later than what was printed.
int follow_jobs(Client& client, std::map<std::string, std::string>& printed, const JobsOptions& options,
                const Surroundings& s) {
  while (s.out) {
    auto line = client.next();
    if (!line.ok()) return report(line.error(), "jobs logs", s.err);
    if (line->empty()) return report({kExitUnavailable, "the daemon has closed the connection"}, "jobs logs", s.err);
    const ClientJson message = ClientJson::parse(*line, nullptr, false);
    if (!message.is_object()) continue;
    const ClientJson params = message.value("params", ClientJson::object());
    if (message.value("method", "") == "gap") {
      s.err << "picket jobs logs: " << params.value("lost", std::uint64_t{0})
            << " lines were lost here, for this reader is too slow\n"
            << std::flush;
      continue;
    }
    const ClientJson event = params.value("event", ClientJson::object());
    const ClientJson fields = event.value("fields", ClientJson::object());
    const std::string program = text_of_job(fields, "program"), time = text_of_job(event, "time");
    const auto last = printed.find(program);
    if (program.empty() || (last != printed.end() && time <= last->second)) continue;
    if (options.json) {
      s.out << event.dump() << '\n' << std::flush;
    } else {
      print_job_line(time, program, text_of_job(event, "message"), s);
    }
  }
  return kExitOk;
}

}  // namespace

int jobs_status(const JobsOptions& options, Client& client, const Surroundings& s) {
  auto instance = supervisor_of(options, client);
  if (!instance.ok()) return report(instance.error(), "jobs", s.err);
  auto answer = ask_each(*instance, "status", options, ClientJson::object(), "programs", client);
  if (!answer.ok()) return report(answer.error(), "jobs", s.err);
  const ClientJson programs = answer->value("programs", ClientJson::array());
  const ClientJson problems = answer->value("problems", ClientJson::object());
  bool well = problems.empty();
  for (const ClientJson& program : programs) well = well && !is_troubled(program);
  if (options.json) {
    s.out << answer->dump(2) << '\n';
    return well ? kExitOk : kExitNotWell;
  }
  print_jobs(programs, s);
  print_watched(answer->value("watched", ClientJson::array()), s);
  if (!problems.empty()) s.out << "\nWrong settings\n";
  for (const auto& [name, problem] : problems.items()) {
    s.out << "  " << service::printable(name) << ": " << service::printable(problem.get<std::string>()) << '\n';
  }
  if (const std::string risk = text_of_job(*answer, "risk"); !risk.empty())
    s.out << '\n' << service::printable(risk) << '\n';
  return well ? kExitOk : kExitNotWell;
}

int jobs_change(const std::string& command, const JobsOptions& options, Client& client, const Surroundings& s) {
  const std::string verb = "jobs " + command;
  auto instance = supervisor_of(options, client);
  if (!instance.ok()) return report(instance.error(), verb, s.err);
  auto timeout = duration_option("--timeout", options.timeout);
  if (!timeout.ok()) return report(timeout.error(), verb, s.err);
  ClientJson args{{"wait", !options.no_wait}};
  if (command != "start") {
    if (!options.reason.empty()) args["reason"] = options.reason;
    if (options.drain) args["drain"] = true;
    if (options.now) args["now"] = true;
  }
  auto answer = ask_each(*instance, command, options, args, "programs", client, *timeout);
  if (!answer.ok()) return report(answer.error(), verb, s.err);
  const ClientJson programs = answer->value("programs", ClientJson::array());
  bool well = true;
  for (const ClientJson& program : programs) well = well && (options.no_wait || program.value("well", false));
  if (options.json) {
    s.out << answer->dump(2) << '\n';
  } else {
    for (const ClientJson& program : programs) {
      const std::string note = text_of_job(program, "note");
      s.out << service::printable(text_of_job(program, "program")) << " is " << text_of_job(program, "state")
            << (note.empty() ? "" : ": " + service::printable(note)) << '\n';
    }
  }
  return well ? kExitOk : kExitNotWell;
}

int jobs_signal(const JobsOptions& options, Client& client, const Surroundings& s) {
  auto instance = supervisor_of(options, client);
  if (!instance.ok()) return report(instance.error(), "jobs signal", s.err);
  for (const std::string& name : options.programs) {
    auto answer =
        client.command(*instance, "signal", {{"program", name}, {"signal", options.signal}, {"tree", options.tree}});
    if (!answer.ok()) return report(answer.error(), "jobs signal", s.err);
    s.out << "sent " << text_of_job(*answer, "signal") << " to " << text_of_job(*answer, "sent") << " of "
          << service::printable(name) << '\n';
  }
  return kExitOk;
}

int jobs_logs(const JobsOptions& options, Client& client, const Surroundings& s) {
  auto instance = supervisor_of(options, client);
  if (!instance.ok()) return report(instance.error(), "jobs logs", s.err);
  if (options.follow) {
    // First the subscription, so that nothing is missed between the last line and the next one.
    auto status = ask_each(*instance, "status", options, ClientJson::object(), "programs", client);
    if (!status.ok()) return report(status.error(), "jobs logs", s.err);
    std::string names;
    for (const ClientJson& program : status->value("programs", ClientJson::array())) {
      names += (names.empty() ? "" : ", ") + ClientJson(text_of_job(program, "program")).dump();
    }
    const std::string where = "kind == \"log\" and program in [" + names + "]";
    auto subscribed = client.ask("subscribe", {{"from", ClientJson::array({*instance})}, {"where", where}});
    if (!subscribed.ok()) return report(subscribed.error(), "jobs logs", s.err);
  }
  auto answer = ask_each(*instance, "logs", options, {{"lines", options.lines}}, "lines", client);
  if (!answer.ok()) return report(answer.error(), "jobs logs", s.err);
  std::map<std::string, std::string> printed;  // time of the newest line, by program
  for (const ClientJson& line : answer->value("lines", ClientJson::array())) {
    const std::string time = platform::format_utc(line.value("time_ns", std::int64_t{0}), 9);
    const std::string program = text_of_job(line, "program");
    std::string& newest = printed[program];
    newest = std::max(newest, time);
    if (options.json) {
      s.out << line.dump() << '\n';
    } else {
      print_job_line(time, program, text_of_job(line, "text"), s);
    }
  }
  return options.follow ? follow_jobs(client, printed, options, s) : kExitOk;
}

int jobs_why(const JobsOptions& options, Client& client, const Surroundings& s) {
  auto instance = supervisor_of(options, client);
  if (!instance.ok()) return report(instance.error(), "jobs why", s.err);
  auto answer = ask_each(*instance, "why", options, ClientJson::object(), "programs", client);
  if (!answer.ok()) return report(answer.error(), "jobs why", s.err);
  if (options.json) {
    s.out << answer->dump(2) << '\n';
    return kExitOk;
  }
  bool first = true;
  for (const ClientJson& program : answer->value("programs", ClientJson::array())) {
    s.out << (first ? "" : "\n") << service::printable(text_of_job(program, "why")) << '\n';
    first = false;
    Table table({{"TIME"}, {"FROM"}, {"TO"}, {"REASON"}});
    for (const ClientJson& one : program.value("transitions", ClientJson::array())) {
      table.add({platform::format_utc(one.value("time_ns", std::int64_t{0}), 3), text_of_job(one, "from"),
                 text_of_job(one, "to"), text_of_job(one, "reason")});
    }
    table.print(s.out, s.terminal);
  }
  return kExitOk;
}

}  // namespace picket::commands
