// SPDX-License-Identifier: Apache-2.0
//
// Does with picket.process/1 what files in a folder tell it, and writes down everything that it hears:
//   DIRECTORY/orders/N   one order: a line with what to do, then lines "name value"; read in order, then removed
//   DIRECTORY/events     a line for each thing heard
//   DIRECTORY/captured-KEY-STREAM   captured output, each piece at its offset
// Output is acknowledged as soon as it is written, unless there is a file DIRECTORY/no-acknowledgements.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <picket/plugin.hpp>
#include <sstream>
#include <string>
#include <vector>

namespace {

struct Order {
  std::string what;
  std::multimap<std::string, std::string> values;

  std::string text(const std::string& name) const {
    const auto found = values.find(name);
    return found == values.end() ? "" : found->second;
  }
  std::int64_t number(const std::string& name, std::int64_t otherwise = 0) const {
    const std::string value = text(name);
    return value.empty() ? otherwise : std::atoll(value.c_str());
  }
  std::vector<std::string> all(const std::string& name) const {
    std::vector<std::string> found;
    for (auto [at, end] = values.equal_range(name); at != end; ++at) found.push_back(at->second);
    return found;
  }
};

class Holding : public picket::Plugin, private picket::ProcessListener {
 public:
  Holding(picket::Host host, const picket::Config& config) : Plugin(host), directory_(config.text("/directory")) {}

  void start() override {
    std::filesystem::create_directories(directory_ + "/orders");
    processes_.open(host(), *this);
    timer_ = picket::Timer::every(host(), std::chrono::milliseconds(10), [this](const picket::Tick&) { look(); });
  }
  void stop() override {
    timer_.cancel();
    processes_.close();
  }

 private:
  void note(const std::string& line) { std::ofstream(directory_ + "/events", std::ios::app) << line << std::endl; }
  std::string key(picket::ProgramId id) { return keys_.contains(id) ? keys_[id] : std::to_string(id); }

  void look() {
    if (std::filesystem::exists(directory_ + "/steal-statuses")) {
      // As a careless library would.
      while (::waitpid(-1, nullptr, WNOHANG) > 0) {
      }
    }
    std::map<long, std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(directory_ + "/orders")) {
      const std::string name = entry.path().filename();
      if (name.find('.') == std::string::npos) files[std::atol(name.c_str())] = entry.path();
    }
    for (const auto& [number, path] : files) {
      if (!ready_) return;
      Order order;
      std::ifstream file(path);
      std::getline(file, order.what);
      for (std::string line; std::getline(file, line);) {
        const std::size_t blank = line.find(' ');
        order.values.emplace(line.substr(0, blank), blank == std::string::npos ? "" : line.substr(blank + 1));
      }
      std::filesystem::remove(path);
      carry_out(order);
    }
  }

  void carry_out(const Order& order) {
    const std::string name = order.text("key");
    const picket::ProgramId id = ids_.contains(name) ? ids_[name] : 0;
    picket_status status = PICKET_OK;
    try {
      if (order.what == "start") begin(order);
      if (order.what == "watch") {
        const picket::ProgramId watched = processes_.watch(order.number("pid"));
        keys_[watched] = name;
        ids_[name] = watched;
      }
    } catch (const picket::Failure& failure) {
      note("refused " + name + " " + failure.what());
    }
    const auto signal = static_cast<std::int32_t>(order.number("signal"));
    if (order.what == "signal") status = processes_.signal(id, signal, order.number("tree") != 0);
    if (order.what == "end") {
      status = processes_.end(id, signal, std::chrono::milliseconds(order.number("timeout_ms")));
    }
    if (order.what == "forget") status = processes_.forget(id);
    if (order.what == "rotate") status = processes_.rotate(id);
    if (order.what == "measure") status = processes_.measure(std::span(&id, 1));
    if (order.what == "blob") status = processes_.set_blob(id, order.text("value"));
    if (order.what == "main") status = processes_.set_main(id, order.number("pid"));
    if (order.what == "tune") {
      picket::ProcessTuning tuning;
      tuning.nice = static_cast<std::int32_t>(order.number("nice"));
      status = processes_.tune(id, tuning);
    }
    if (order.what == "limit") status = processes_.limit(id, {.tasks_max = order.number("tasks_max")});
    if (status != PICKET_OK) note("status " + order.what + " " + name + " " + std::to_string(status));
  }

  void begin(const Order& order) {
    picket::ProgramSpec spec;
    spec.key = order.text("key");
    spec.blob = order.text("blob");
    spec.arguments = order.all("argument");
    spec.environment = order.all("environment");
    if (spec.environment.empty()) spec.environment.emplace_back("PATH=/usr/bin:/bin");
    spec.directory = order.text("directory");
    spec.user = order.text("user");
    spec.notify = order.number("notify") != 0;
    spec.no_new_privileges = order.number("no_new_privileges") != 0;
    spec.strict_limits = order.number("strict") != 0;
    spec.limits.tasks_max = order.number("tasks_max");
    spec.output.capture = order.number("capture") != 0;
    spec.output.file = order.text("file");
    spec.output.rotate_bytes = static_cast<std::uint64_t>(order.number("rotate_bytes"));
    spec.output.rotate_keep = static_cast<std::uint32_t>(order.number("rotate_keep"));
    spec.output.backlog_memory = static_cast<std::uint64_t>(order.number("backlog_memory"));
    spec.output.backlog_disk = static_cast<std::uint64_t>(order.number("backlog_disk"));
    spec.error_output.capture = order.number("capture_stderr") != 0;
    spec.error_output.as_stdout = order.number("as_stdout") != 0;
    if (!order.text("nice").empty()) spec.tuning.nice = static_cast<std::int32_t>(order.number("nice"));
    for (const std::string& text : order.all("rlimit")) {
      std::istringstream words(text);
      picket::ProgramRlimit limit;
      words >> limit.name >> limit.soft >> limit.hard;
      spec.rlimits.push_back(limit);
    }
    const picket::ProgramId id = processes_.start(spec);
    keys_[id] = spec.key;
    ids_[spec.key] = id;
  }

  void on_found(const picket::ProgramInfo& info) override {
    const std::string name(picket::to_view(info.key));
    keys_[info.program] = name;
    ids_[name] = info.program;
    note("found " + name + " state=" + std::to_string(info.state) + " flags=" + std::to_string(info.flags) +
         " pid=" + std::to_string(info.leader.pid) + " blob=" + std::string(picket::to_view(info.blob)));
  }
  void on_ready(const picket::ProcessAbility& ability) override {
    ready_ = true;
    note("ready ability=" + std::to_string(ability.flags) + " holder=" + std::to_string(ability.holder.pid) +
         " risk=" + std::string(picket::to_view(ability.risk)));
  }
  void on_lost(std::string_view reason) override {
    ready_ = false;
    note("lost " + std::string(reason));
  }
  void on_started(picket::ProgramId id, const picket::ProcessIdentity& leader) override {
    note("started " + key(id) + " pid=" + std::to_string(leader.pid));
  }
  void on_start_failed(picket::ProgramId id, const picket::ProgramFailure& failure) override {
    note("start_failed " + key(id) + " step=" + std::string(picket::to_view(failure.step)) +
         " errno=" + std::to_string(failure.system_error) + " " + std::string(picket::to_view(failure.message)));
  }
  void on_output(picket::ProgramId id, const picket::ProgramOutput& output) override {
    const std::string name = key(id) + "-" + std::to_string(output.stream);
    if ((output.flags & PICKET_OUTPUT_GAP) != 0) {
      note("gap " + name + " offset=" + std::to_string(output.offset) + " dropped=" + std::to_string(output.dropped));
    }
    if ((output.flags & PICKET_OUTPUT_END) != 0) {
      note("output_end " + name + " offset=" + std::to_string(output.offset));
    }
    if (!std::filesystem::exists(directory_ + "/discard")) {
      const int file = ::open((directory_ + "/captured-" + name).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
      const ssize_t written = ::pwrite(file, output.data.data, output.data.length, static_cast<off_t>(output.offset));
      ::close(file);
      if (written != static_cast<ssize_t>(output.data.length)) note("cannot write what was captured");
    }
    if (std::filesystem::exists(directory_ + "/no-acknowledgements")) return;
    processes_.acknowledge_output(id, output.stream, output.offset + output.data.length + output.dropped);
  }
  void on_notified(picket::ProgramId id, std::int64_t sender, std::string_view message) override {
    note("notified " + key(id) + " sender=" + std::to_string(sender) + " " + std::string(message));
  }
  void on_exited(picket::ProgramId id, const picket::ProgramExit& exit) override {
    note("exited " + key(id) + " how=" + std::to_string(exit.how) + " value=" + std::to_string(exit.value));
  }
  void on_stragglers(picket::ProgramId id, std::span<const picket::ProcessMember> members,
                     std::uint32_t count) override {
    std::string line = "stragglers " + key(id) + " count=" + std::to_string(count);
    for (const auto& member : members) line += " " + std::string(picket::to_view(member.name));
    note(line);
  }
  void on_emptied(picket::ProgramId id, const picket::ProgramTreeEnd& end) override {
    note("emptied " + key(id) + " proven=" + std::to_string(end.flags) + " killed=" + std::to_string(end.killed));
  }
  void on_measured(picket::ProgramId id, const picket::ProgramUsage& usage) override {
    note("measured " + key(id) + " processes=" + std::to_string(usage.processes) +
         " memory=" + std::to_string(usage.memory) + " user_ns=" + std::to_string(usage.user_ns));
  }
  void on_request_failed(picket::ProgramId id, const picket::ProgramFailure& failure) override {
    note("request_failed " + key(id) + " " + std::string(picket::to_view(failure.message)));
  }

  std::string directory_;
  bool ready_ = false;
  std::map<picket::ProgramId, std::string> keys_;
  std::map<std::string, picket::ProgramId> ids_;
  picket::Processes processes_;
  picket::Timer timer_;
};

}  // namespace

PICKET_PLUGIN(Holding, {.id = "holding",
                        .version = "1",
                        .summary = "starts programs as files tell it",
                        .config_schema = R"({"type": "object", "required": ["directory"], "additionalProperties": false,
                                             "properties": {"directory": {"type": "string"}}})"});
