// SPDX-License-Identifier: Apache-2.0
//
// A daemon with one instance of the fixture `holding`, which starts programs as a test tells it (plugins/holding.cpp).
// What the test leaves running, the holder too, is killed at the end. Single thread.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "site.hpp"

namespace picket::integration {

class HoldingSite {
 public:
  using Values = std::vector<std::pair<std::string, std::string>>;

  // `control_groups`: as PICKET_CONTROL_GROUPS has it.
  explicit HoldingSite(std::string control_groups = "none");
  ~HoldingSite();
  HoldingSite(const HoldingSite&) = delete;
  HoldingSite& operator=(const HoldingSite&) = delete;

  const Site& site() const { return site_; }
  std::filesystem::path place() const { return site_.directory() / "holding"; }
  std::filesystem::path records() const { return site_.state() / "processes"; }
  Process& daemon() { return *daemon_; }

  // Runs the daemon, and waits until the holder is there.
  void run();
  // One order, and its values.
  void order(const std::string& what, const Values& values);
  // The start of `sh -c SCRIPT`, and waits until it has started.
  void start_script(const std::string& key, const std::string& script, Values more = {});

  std::vector<std::string> events() const;
  // The lines that begin so.
  std::vector<std::string> events(const std::string& beginning) const;
  // True as soon as there are that many such lines; false when kPatience is over.
  bool wait_for(const std::string& beginning, std::size_t count = 1) const;
  // Of the newest line "started KEY pid=N".
  pid_t pid_of(const std::string& key) const;
  // Of the newest line "ready".
  pid_t holder() const;
  std::string captured(const std::string& key, int stream = 1) const;

 private:
  Site site_;
  std::string control_groups_;
  int orders_ = 0;
  std::unique_ptr<Process> daemon_;
};

// Whether there is such a process, and it is no zombie.
bool runs(pid_t process);

}  // namespace picket::integration
