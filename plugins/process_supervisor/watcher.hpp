// SPDX-License-Identifier: Apache-2.0
//
// Processes that others start: looked for at times, watched by their identity, given their priority once each.
// [control]
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include <picket/plugin.hpp>

#include "agenda.hpp"
#include "process_list.hpp"
#include "reporter.hpp"
#include "settings.hpp"

namespace re2 {
class RE2;
}

namespace picket::process_supervisor {

class Watcher {
 public:
  using List = std::function<std::vector<ListedProcess>(bool with_command_lines)>;

  Watcher(Host host, Agenda& agenda, Processes& processes, Reporter& reporter, List list);
  ~Watcher();

  // Entries that did not change keep what they follow; others begin anew.
  void configure(const std::map<std::string, WatchSettings>& entries, std::int64_t interval_ns);
  // Looks now, and from then on at its interval. Once the mechanism is ready, and again after it was lost.
  void begin();
  void end();

  // False: it is none of these.
  bool exited(ProgramId id, const ProgramExit& exit);
  bool measured(ProgramId id, const ProgramUsage& usage);

  // What is followed now, for measuring.
  std::vector<ProgramId> ids() const;

  struct Sum {
    Name name;
    std::uint32_t processes = 0;
    ProgramUsage usage{};  // of all of them together; -1: not known of one of them
  };
  std::vector<Sum> sums() const;
  nlohmann::ordered_json to_json() const;
  // Signals every process of an entry; how many heard it, or nothing when there is no such entry.
  std::optional<std::size_t> signal(const std::string& name, int number);

 private:
  struct Followed {
    ProgramId id;
    ProcessIdentity identity;
    std::optional<ProgramUsage> usage;
  };
  struct Entry {
    WatchSettings settings;
    Name name;
    std::shared_ptr<re2::RE2> process, command_line;
    std::vector<Followed> followed;
    std::string problem;  // of its pid file
  };
  void look();
  bool fits(const Entry& entry, const ListedProcess& process) const;
  std::vector<ListedProcess> from_pid_file(Entry& entry) const;
  void follow(Entry& entry, const ListedProcess& process);
  void tell(const Entry& entry, bool there, const std::string& reason, std::int64_t pid);

  Host host_;
  Agenda& agenda_;
  Processes& processes_;
  Reporter& reporter_;
  List list_;
  std::int64_t interval_ns_ = 0;
  bool begun_ = false;
  Appointment next_ = 0;
  std::map<std::string, Entry> entries_;
};

}  // namespace picket::process_supervisor
