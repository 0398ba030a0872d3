// SPDX-License-Identifier: Apache-2.0
#include "supervised_site.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace picket::integration {
namespace {

using nlohmann::json;

// All of `words` are in that file of the process.
std::vector<pid_t> scan(const std::string& file, const std::vector<std::string>& words) {
  std::vector<pid_t> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const pid_t id = std::atoi(entry.path().filename().c_str());
    if (id <= 1 || id == getpid()) continue;
    std::ifstream in(entry.path() / file, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(in), {});
    const bool fits = std::all_of(words.begin(), words.end(),
                                  [&](const std::string& word) { return text.find(word) != std::string::npos; });
    if (fits) found.push_back(id);
  }
  return found;
}

}  // namespace

SupervisedSite::SupervisedSite() {
  site.add_plugins(fixture_folder());
}

SupervisedSite::~SupervisedSite() {
  daemon.reset();
  for (const pid_t process : processes("hold-processes")) kill(process, SIGKILL);
  for (int round = 0; round < 100 && !marked().empty(); ++round) {
    for (const pid_t process : marked()) kill(process, SIGKILL);
  }
}

void SupervisedSite::configure(const std::string& programs, const std::string& more, const std::string& settings,
                               const std::string& instances) const {
  site.configure("daemon: {os_log: {journal: " + path("j") + ", syslog: " + path("l") +
                 "}}\ninstances:\n  door: {type: pipe_server, listen: {path: " + path("s") + ", protocol: jsonrpc}}\n" +
                 instances + "  jobs:\n    type: process_supervisor\n    interval: 1s\n" + settings +
                 "    programs:\n" + programs + more);
}

std::string SupervisedSite::shell(const std::string& name, const std::string& script, const std::string& more) const {
  return "      " + name + ": {command: [/bin/sh, -c, " + json(script).dump() + "], " + mark() +
         (more.empty() ? "" : ", " + more) + "}\n";
}

std::string SupervisedSite::python(const std::string& name, const std::string& script, const std::string& more) const {
  write_file(path(name + ".py"), script);
  return "      " + name + ": {command: [/usr/bin/python3, " + path(name + ".py") + "], " + mark() +
         (more.empty() ? "" : ", " + more) + "}\n";
}

Output SupervisedSite::jobs(std::vector<std::string> words) const {
  words.insert(words.begin(), {PICKET_PROGRAM, "jobs"});
  words.insert(words.end(), {"--socket", path("s")});
  Output output;
  wait_until([&] {
    output = run_to_end(words, {}, kLongPatience);
    // Neither has reached the supervisor.
    return output.err.find("takes no connection") == std::string::npos &&
           output.err.find("does not answer as") == std::string::npos;
  });
  return output;
}

json SupervisedSite::status(const std::string& name) const {
  json program;
  Output output;
  const bool answered = wait_until(
      [&] {
        output = jobs({"status", name, "--json"});
        const json answer = json::parse(output.out, nullptr, false);
        if (!answer.is_object() || answer.value("programs", json::array()).size() != 1) return false;
        program = answer["programs"][0];
        return true;
      },
      kLongPatience);
  if (!answered) throw std::runtime_error("no status of " + name + ": " + output.out + output.err);
  return program;
}

std::string SupervisedSite::state(const std::string& name) const {
  return status(name).value("state", "");
}

std::string SupervisedSite::note(const std::string& name) const {
  return status(name).value("note", "");
}

pid_t SupervisedSite::pid(const std::string& name) const {
  return status(name).value("pid", 0);
}

int SupervisedSite::starts(const std::string& name) const {
  return status(name).value("starts", 0);
}

int SupervisedSite::restarts(const std::string& name, const std::string& cause) const {
  return status(name).value("restarts_by_cause", json::object()).value(cause, 0);
}

json SupervisedSite::transitions(const std::string& name) const {
  const json answer = json::parse(jobs({"why", name, "--json"}).out, nullptr, false);
  if (!answer.is_object()) throw std::runtime_error("no reasons of " + name);
  return answer.at("programs").at(0).at("transitions");
}

bool SupervisedSite::wait_state(const std::string& name, const std::set<std::string>& states,
                                std::chrono::seconds patience) const {
  return wait_until([&] { return states.contains(state(name)); }, patience);
}

bool SupervisedSite::wait_up(const std::string& name, int at_least_starts) const {
  return wait_until(
      [&] {
        const json now = status(name);
        const std::string state = now.value("state", "");
        return now.value("starts", 0) >= at_least_starts && (state == "ready" || state == "running");
      },
      kLongPatience);
}

std::vector<pid_t> SupervisedSite::processes(const std::string& word) const {
  return scan("cmdline", {word, site.directory().string()});
}

std::vector<pid_t> SupervisedSite::marked() const {
  return scan("environ", {"MARK=" + path("mark")});
}

pid_t SupervisedSite::holder() const {
  const std::vector<pid_t> all = processes("hold-processes");
  return all.size() == 1 ? all.front() : 0;
}

}  // namespace picket::integration
