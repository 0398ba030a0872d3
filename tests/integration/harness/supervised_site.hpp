// SPDX-License-Identifier: Apache-2.0
//
// A daemon with a supervisor `jobs` and a door, asked by `picket jobs` as an operator does. What the test leaves
// running, the holder too, is killed at the end. Single thread.
#pragma once

#include <nlohmann/json.hpp>
#include <set>

#include "site.hpp"

namespace picket::integration {

// For what a program does meanwhile, under a sanitizer and beside other tests.
inline constexpr std::chrono::seconds kLongPatience{150};

class SupervisedSite {
 public:
  SupervisedSite();
  ~SupervisedSite();
  SupervisedSite(const SupervisedSite&) = delete;
  SupervisedSite& operator=(const SupervisedSite&) = delete;

  std::string path(const std::string& name) const { return (site.directory() / name).string(); }
  // `programs`: lines of YAML below `programs:`, indented by six; those of shell() carry this test's mark. `settings`:
  // more lines of the supervisor, indented by four. `instances`: of the daemon, by two. `more`: by none.
  void configure(const std::string& programs, const std::string& more = "", const std::string& settings = "",
                 const std::string& instances = "") const;
  std::string shell(const std::string& name, const std::string& script, const std::string& more = "") const;
  // The same of a script for Python, which is written to a file.
  std::string python(const std::string& name, const std::string& script, const std::string& more = "") const;

  void run(const Environment& environment = {}) { daemon = site.run_until_ready(environment); }
  // `picket jobs WORDS...`; asked again while the daemon is too busy to take the connection.
  Output jobs(std::vector<std::string> words) const;

  // Of one program, as soon as the daemon answers. Throws std::runtime_error when it does not.
  nlohmann::json status(const std::string& name) const;
  std::string state(const std::string& name) const;
  std::string note(const std::string& name) const;
  // 0: none.
  pid_t pid(const std::string& name) const;
  int starts(const std::string& name) const;
  int restarts(const std::string& name, const std::string& cause) const;
  // Its last transitions, oldest first.
  nlohmann::json transitions(const std::string& name) const;

  bool wait_state(const std::string& name, const std::set<std::string>& states,
                  std::chrono::seconds patience = kLongPatience) const;
  // Ready or running, after at least so many starts.
  bool wait_up(const std::string& name, int at_least_starts = 1) const;

  // Processes with this word on their command line, of this test.
  std::vector<pid_t> processes(const std::string& word) const;
  std::vector<pid_t> marked() const;
  // 0 while there is none, or more than one.
  pid_t holder() const;

  Site site;
  std::unique_ptr<Process> daemon;

 private:
  std::string mark() const { return "environment: {MARK: " + path("mark") + "}"; }
};

}  // namespace picket::integration
