// SPDX-License-Identifier: Apache-2.0
#include "watcher.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "launch.hpp"
#include "signals.hpp"

namespace picket::process_supervisor {
namespace {

// A glob as an expression of RE2: * any text, ? one character, all else itself.
std::shared_ptr<re2::RE2> expression_of(const std::string& glob) {
  if (glob.empty()) return nullptr;
  std::string pattern;
  for (const char c : glob) {
    if (c == '*') {
      pattern += ".*";
    } else if (c == '?') {
      pattern += ".";
    } else {
      pattern += re2::RE2::QuoteMeta(re2::StringPiece(&c, 1));
    }
  }
  re2::RE2::Options options;
  options.set_encoding(re2::RE2::Options::EncodingLatin1);  // names of processes are bytes
  options.set_dot_nl(true);
  options.set_log_errors(false);
  return std::make_shared<re2::RE2>(pattern, options);
}

void add_known(std::int64_t& sum, std::int64_t value) {
  sum = sum < 0 || value < 0 ? -1 : sum + value;
}

}  // namespace

Watcher::Watcher(Host host, Agenda& agenda, Processes& processes, Reporter& reporter, List list)
    : host_(host), agenda_(agenda), processes_(processes), reporter_(reporter), list_(std::move(list)) {}

Watcher::~Watcher() {
  end();
}

void Watcher::configure(const std::map<std::string, WatchSettings>& entries, std::int64_t interval_ns) {
  std::map<std::string, Entry> fresh;
  for (const auto& [name, settings] : entries) {
    const auto known = entries_.find(name);
    if (known != entries_.end() && known->second.settings == settings) {
      fresh.emplace(name, std::move(known->second));
      entries_.erase(known);
      continue;
    }
    fresh.emplace(
        name,
        Entry{
            settings, host_.name(name), expression_of(settings.process), expression_of(settings.command_line), {}, {}});
    if (!settings.command_line.empty() && !has_command_lines()) {
      host_.warning("watch." + name + ": this system does not tell command lines; nothing will fit");
    }
  }
  for (const auto& [name, entry] : entries_) {
    for (const Followed& one : entry.followed) processes_.forget(one.id);
  }
  entries_ = std::move(fresh);
  interval_ns_ = interval_ns;
  if (begun_) begin();
}

void Watcher::begin() {
  begun_ = true;
  agenda_.cancel(next_);
  if (!entries_.empty()) next_ = agenda_.after(0, [this] { look(); });
}

void Watcher::end() {
  begun_ = false;
  agenda_.cancel(next_);
}

void Watcher::look() {
  next_ = agenda_.after(interval_ns_, [this] { look(); });
  bool lists = false, command_lines = false;
  for (const auto& [name, entry] : entries_) {
    lists = lists || entry.settings.pid_file.empty();
    command_lines = command_lines || entry.command_line != nullptr;
  }
  const std::vector<ListedProcess> all = lists ? list_(command_lines) : std::vector<ListedProcess>();
  for (auto& [name, entry] : entries_) {
    const bool by_file = !entry.settings.pid_file.empty();
    for (const ListedProcess& process : by_file ? from_pid_file(entry) : all) {
      if (by_file || fits(entry, process)) follow(entry, process);
    }
  }
}

bool Watcher::fits(const Entry& entry, const ListedProcess& process) const {
  const auto full = [](const std::string& text, const re2::RE2& expression) {
    return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), expression);
  };
  if (entry.process != nullptr && !full(process.name, *entry.process)) return false;
  return entry.command_line == nullptr ||
         (!process.command_line.empty() && full(process.command_line, *entry.command_line));
}

std::vector<ListedProcess> Watcher::from_pid_file(Entry& entry) const {
  const std::string& path = entry.settings.pid_file;
  std::ifstream file(std::filesystem::path(std::u8string(path.begin(), path.end())));
  ListedProcess process;
  entry.problem.clear();
  if (!(file >> process.pid) || process.pid <= 0) {
    entry.problem = path + (file.is_open() ? ": there is no pid in it" : ": cannot be read");
    return {};
  }
  return {process};
}

void Watcher::follow(Entry& entry, const ListedProcess& process) {
  for (const Followed& known : entry.followed) {
    const bool same = known.identity.pid == process.pid &&
                      (process.start_time == 0 || known.identity.start_time == process.start_time);
    if (same) return;
  }
  ProcessIdentity identity{};
  ProgramId id = 0;
  try {
    id = processes_.watch(process.pid, process.start_time, &identity);
  } catch (const Failure& failure) {
    if (!entry.settings.pid_file.empty()) entry.problem = failure.what();
    return;  // gone meanwhile; the next look sees whoever is there then
  }
  entry.followed.push_back({id, identity, std::nullopt});
  if (entry.settings.priority.any()) processes_.tune(id, tuning_of(entry.settings.priority));
  if (entry.followed.size() == 1) {
    tell(entry, true, "its process was found, pid " + std::to_string(process.pid), process.pid);
  }
}

void Watcher::tell(const Entry& entry, bool there, const std::string& reason, std::int64_t pid) {
  reporter_.tell({entry.name, there ? "missing" : "running", there ? "running" : "missing", reason, pid,
                  there ? Severity::info : Severity::warning});
}

bool Watcher::exited(ProgramId id, const ProgramExit& exit) {
  for (auto& [name, entry] : entries_) {
    const auto found =
        std::find_if(entry.followed.begin(), entry.followed.end(), [id](const Followed& one) { return one.id == id; });
    if (found == entry.followed.end()) continue;
    const std::int64_t pid = found->identity.pid;
    entry.followed.erase(found);
    processes_.forget(id);
    const std::string how = exit.how == PICKET_EXIT_UNKNOWN
                                ? "ended, and nobody knows how"
                                : describe({exit.how == PICKET_EXIT_SIGNAL, exit.value,
                                            (exit.flags & PICKET_EXIT_CORE) != 0, (exit.flags & PICKET_EXIT_OOM) != 0});
    if (entry.followed.empty()) tell(entry, false, how, pid);
    return true;
  }
  return false;
}

bool Watcher::measured(ProgramId id, const ProgramUsage& usage) {
  for (auto& [name, entry] : entries_) {
    for (Followed& one : entry.followed) {
      if (one.id != id) continue;
      one.usage = usage;
      return true;
    }
  }
  return false;
}

std::vector<ProgramId> Watcher::ids() const {
  std::vector<ProgramId> list;
  for (const auto& [name, entry] : entries_) {
    for (const Followed& one : entry.followed) list.push_back(one.id);
  }
  return list;
}

std::vector<Watcher::Sum> Watcher::sums() const {
  std::vector<Sum> list;
  for (const auto& [name, entry] : entries_) {
    Sum sum;
    sum.name = entry.name;
    sum.processes = static_cast<std::uint32_t>(entry.followed.size());
    for (const Followed& one : entry.followed) {
      if (!one.usage) continue;
      add_known(sum.usage.user_ns, one.usage->user_ns);
      add_known(sum.usage.system_ns, one.usage->system_ns);
      add_known(sum.usage.memory, one.usage->memory);
      add_known(sum.usage.read_bytes, one.usage->read_bytes);
      add_known(sum.usage.written_bytes, one.usage->written_bytes);
      add_known(sum.usage.threads, one.usage->threads);
    }
    list.push_back(sum);
  }
  return list;
}

nlohmann::ordered_json Watcher::to_json() const {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& [name, entry] : entries_) {
    nlohmann::ordered_json row{{"watch", name}, {"state", entry.followed.empty() ? "missing" : "running"}};
    row["note"] = entry.problem;
    row["pids"] = nlohmann::ordered_json::array();
    for (const Followed& one : entry.followed) row["pids"].push_back(one.identity.pid);
    list.push_back(std::move(row));
  }
  return list;
}

std::optional<std::size_t> Watcher::signal(const std::string& name, int number) {
  const auto entry = entries_.find(name);
  if (entry == entries_.end()) return std::nullopt;
  std::size_t heard = 0;
  for (const Followed& one : entry->second.followed) {
    heard += processes_.signal(one.id, number) == PICKET_OK ? 1 : 0;
  }
  return heard;
}

}  // namespace picket::process_supervisor
