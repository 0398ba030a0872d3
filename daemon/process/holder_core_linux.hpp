// SPDX-License-Identifier: Apache-2.0
//
// The holder's state and its one loop. It waits in epoll for: the daemon, pipes of programs, deaths, messages of
// programs, emptied control groups, and the time. Nothing runs while nothing happens.
//
// One process, one thread. Files: holder_core (loop and connection), holder_orders (what the daemon asks),
// holder_streams (output and notify messages), holder_trees (deaths, ends and measures).
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "process/channel_linux.hpp"
#include "process/control_group_linux.hpp"
#include "process/model.hpp"
#include "process/program_linux.hpp"
#include "process/record_linux.hpp"
#include "process/tree_linux.hpp"

namespace picket::process {

class Holder {
 public:
  struct Parts {
    std::string directory, name;  // `name` tells this holder's marks and sockets from those of others
    ControlGroups groups;
    Descriptor listener;
    rlimit descriptors{};  // RLIMIT_NOFILE for programs
  };
  explicit Holder(Parts parts);

  // Finds what an earlier holder has left. 0, or errno of what the loop needs.
  int prepare();
  // Until there is neither a daemon nor a program.
  void run();

 private:
  enum class Source : std::uint8_t { listener, client, signals, output, error_output, notify, group, pidfd };
  using Ref = std::unique_ptr<Program>;

  // --- holder_core
  void wait_and_handle();
  void handle(Source source, ProgramId id, std::uint32_t events);
  void accept_client();
  void client_event(std::uint32_t events);
  void drop_client();
  void read_orders();
  void flush_client();
  bool watch(int descriptor, Source source, ProgramId id, std::uint32_t events);
  void close_watched(Descriptor& descriptor);
  void run_due();
  int time_to_wait() const;
  Program* find(ProgramId id);
  std::int64_t now() const;
  static std::int64_t wall();
  void report(const Program& program, const Report& report);
  void fail(const Program& program, const char* step, int error, const std::string& detail = {});
  void load(Record&& record);
  void erase(ProgramId id);
  void forget_leader(const Program& program);

  // --- holder_orders
  void on(Hello& order);
  void on(Attach& order);
  void on(Detach& order);
  void on(Start& order);
  void on(Signal& order);
  void on(End& order);
  void on(Limit& order);
  void on(Tune& order);
  void on(SetMain& order);
  void on(SetBlob& order);
  void on(Acknowledge& order);
  void on(Rotate& order);
  void on(Forget& order);
  void on(Measure& order);
  void on(Watch& order);
  void on(TakeStream& order);
  void refuse_start(const Start& order, const char* step, int error, const std::string& what);
  bool prepare_streams(const Start& order, Program& program, Descriptor (&ends)[2]);
  bool prepare_group(const Start& order, Program& program, Descriptor& group);
  std::string prepare_notify(Program& program);
  void list(Program& program);
  std::vector<Descriptor> copy_pipes(Program& program, Started& started);

  // --- holder_streams
  int open_stream(ProgramStream& stream, const StreamSpec& spec, std::uint64_t offset, const char*& step);
  std::shared_ptr<RotatingFile> shared_file(const StreamSpec& spec, int& error);
  void read_stream(Program& program, std::uint32_t number, std::size_t most);
  void take_in(Program& program, std::uint32_t number, std::string_view data);
  void write_file(Program& program, std::uint32_t number, std::string_view data);
  void tell_lost(Program& program, std::uint32_t number);
  void drain_streams(Program& program);
  void pump(Program& program);
  void pump_all();
  void read_notify(Program& program);

  // --- holder_trees
  void reap();
  void leader_ended(Program& program, std::optional<int> status, const rusage* usage);
  void pidfd_event(Program& program);
  void look(Program& program);
  void emptied(Program& program, bool is_proven);
  void kill_tree(Program& program);
  std::vector<Member> members(Program& program);
  void tell_stragglers(Program& program, const std::vector<Member>& all);
  void look_soon(Program& program, std::int64_t in_ns);
  int signal_leader(const Program& program, int signal);
  const ProcessTable& table();
  Measured measure(Program& program);
  bool tune_process(const Program& program, pid_t pid, const Tuning& tuning);

  const Parts parts_;
  Identity self_;
  std::string risk_;
  Descriptor epoll_, signals_;
  std::unique_ptr<Channel> client_;
  bool client_waits_ = false;   // for room in the socket
  std::int64_t pipe_room_ = 0;  // how many more copies of pipes it takes
  std::unordered_map<ProgramId, Ref> programs_;
  std::unordered_map<pid_t, ProgramId> by_leader_;
  std::unordered_map<std::string, std::weak_ptr<RotatingFile>> files_;
  std::vector<std::string> attached_;
  std::unordered_set<ProgramId> timed_;  // with something due
  std::deque<ProgramId> to_pump_, to_measure_;
  std::deque<Descriptor> came_;        // beside the order that is being carried out
  std::optional<ProcessTable> table_;  // of this turn of the loop
  ProgramId next_id_ = 1;
  bool had_client_ = false;
  std::vector<char> buffer_;
};

}  // namespace picket::process
