// SPDX-License-Identifier: Apache-2.0
//
// See processes.hpp. The CPU time of a sum counts what its processes spent since this collector started: a sum of the
// kernel's own counters would fall whenever one of them exits, and a falling counter reads as a restart.
#include "processes.hpp"

#include <array>
#include <bit>

#include "process_slots.hpp"

namespace picket::perf_collector {

namespace {

constexpr std::array<std::string_view, kProcessStates> kStateNames{"running", "sleeping", "blocked", "idle",
                                                                   "stopped", "defunct",  "unknown"};

// What one series of a match shows.
struct Usage {
  std::uint64_t user_units = 0, system_units = 0;  // cpu time
  std::uint64_t user_spent = 0, system_spent = 0;  // since the last reading
  std::int64_t resident_bytes = 0, virtual_bytes = 0, threads = 0;
};

struct Match {
  picket_name name = 0;
  Usage sum;
  std::int64_t count = 0;
  ProcessSlots slots;
};

class ProcessesGroup final : public Group {
 public:
  ProcessesGroup(const ProcessesSettings& settings, const Machine& machine, const Vocabulary& vocabulary,
                 const SourceMaker& source)
      : settings_(settings),
        ticks_per_second_(static_cast<double>(machine.ticks_per_second)),
        online_cpus_(machine.online_cpus),
        source_(source(faults_)),
        matcher_(settings.match, *source_, faults_),
        by_state_(vocabulary.metric(kProcessesByState)),
        cpu_time_(vocabulary.metric(kProcessCpuTime)),
        cpu_utilization_(vocabulary.metric(kProcessCpuUtilization)),
        memory_(vocabulary.metric(kProcessMemory)),
        virtual_(vocabulary.metric(kProcessVirtual)),
        threads_(vocabulary.metric(kProcessThreads)),
        count_(vocabulary.metric(kProcessCount)),
        state_key_(vocabulary.name("system.process.status")),
        mode_key_(vocabulary.name("cpu.mode")),
        match_key_(vocabulary.name("picket.process.match")),
        slot_key_(vocabulary.name("picket.process.slot")),
        program_key_(vocabulary.name("process.executable.name")),
        user_(vocabulary.name("user")),
        system_(vocabulary.name("system")),
        slot_fault_(faults_.add("groups.processes.sum")) {
    for (std::size_t i = 0; i < kProcessStates; ++i) states_[i] = vocabulary.name(kStateNames[i]);
    for (const MatchSettings& match : settings.match) matches_.emplace_back().name = vocabulary.name(match.name);
  }

  void collect(std::int64_t monotonic_ns, Samples& samples) override {
    if (!source_->read(reading_)) return;
    matcher_.read_pid_files();
    table_.update(reading_, [this](const ProcessStat& process) { return matcher_.evaluate(process); });

    const std::int64_t elapsed_ns = last_ns_ ? monotonic_ns - *last_ns_ : 0;
    last_ns_ = monotonic_ns;
    capacity_ = static_cast<double>(elapsed_ns) * 1e-9 * ticks_per_second_ * online_cpus_();

    add_states(samples);
    if (!matches_.empty()) add_matches(samples);
    if (settings_.top > 0) add_top(samples);
  }

 private:
  void add_states(Samples& samples) const {
    std::array<std::int64_t, kProcessStates> counts{};
    for (const FollowedProcess& process : table_.processes()) ++counts[process.now.state];
    for (std::size_t i = 0; i < kProcessStates; ++i) {
      if (i == kUnknown && counts[i] == 0) continue;
      samples.add(by_state_, counts[i]).set(state_key_, states_[i]);
    }
  }

  void add_matches(Samples& samples) {
    for (Match& match : matches_) {
      match.count = 0;
      match.sum = Usage{match.sum.user_units, match.sum.system_units, 0, 0, 0, 0, 0};
    }
    members_.clear();
    for (const FollowedProcess& process : table_.processes()) {
      for (MatchSet left = matcher_.select(process.candidates, process.now.pid); left != 0; left &= left - 1) {
        const auto index = static_cast<std::size_t>(std::countr_zero(left));
        ++matches_[index].count;
        add_to_sum(process, matches_[index].sum);
        if (settings_.each) members_.push_back({index, &process, std::nullopt});
      }
    }
    for (const Match& match : matches_) {
      samples.add(count_, match.count).set(match_key_, match.name);
      if (!settings_.each) add_usage(match.sum, match.name, std::nullopt, samples);
    }
    if (settings_.each) add_members(samples);
  }

  static void add_to_sum(const FollowedProcess& process, Usage& sum) {
    sum.user_units += process.user_spent;
    sum.system_units += process.system_spent;
    sum.user_spent += process.user_spent;
    sum.system_spent += process.system_spent;
    sum.resident_bytes += process.now.resident_bytes;
    sum.virtual_bytes += process.now.virtual_bytes;
    sum.threads += process.now.threads;
  }

  void add_members(Samples& samples) {
    for (Match& match : matches_) match.slots.begin();
    for (Member& member : members_) {
      member.slot = matches_[member.match].slots.find(member.process->now.pid, member.process->now.start);
    }
    for (Match& match : matches_) match.slots.free_unseen();
    bool room = true;
    for (Member& member : members_) {
      const ProcessStat& now = member.process->now;
      if (!member.slot) member.slot = matches_[member.match].slots.take(now.pid, now.start);
      if (!member.slot) {
        room = false;
        continue;
      }
      const Usage usage{now.user_units,
                        now.system_units,
                        member.process->user_spent,
                        member.process->system_spent,
                        now.resident_bytes,
                        now.virtual_bytes,
                        now.threads};
      add_usage(usage, matches_[member.match].name, member.slot, samples);
    }
    room
        ? faults_.good(slot_fault_)
        : faults_.bad(slot_fault_, "`each` shows at most 100 processes of a match; narrow the match, or use sum: true");
  }

  void add_usage(const Usage& usage, picket_name match, std::optional<std::size_t> slot, Samples& samples) const {
    const auto tag = [&](Samples& sample) {
      sample.set(match_key_, match);
      if (slot) sample.set_number(slot_key_, static_cast<std::int64_t>(*slot));
    };
    tag(samples.add(cpu_time_, static_cast<double>(usage.user_units) / ticks_per_second_).set(mode_key_, user_));
    tag(samples.add(cpu_time_, static_cast<double>(usage.system_units) / ticks_per_second_).set(mode_key_, system_));
    if (capacity_ > 0) {
      tag(samples.add(cpu_utilization_, share(usage.user_spent)).set(mode_key_, user_));
      tag(samples.add(cpu_utilization_, share(usage.system_spent)).set(mode_key_, system_));
    }
    tag(samples.add(memory_, usage.resident_bytes));
    tag(samples.add(virtual_, usage.virtual_bytes));
    tag(samples.add(threads_, usage.threads));
  }

  void add_top(Samples& samples) {
    top_.update(table_.processes());
    for (const ProcessTop::Sum* sum : top_.largest(settings_.top, settings_.by)) {
      if (capacity_ > 0) samples.add(cpu_utilization_, share(sum->cpu_units)).set_text(program_key_, sum->name);
      samples.add(memory_, sum->resident_bytes).set_text(program_key_, sum->name);
      samples.add(count_, sum->count).set_text(program_key_, sum->name);
    }
  }

  double share(std::uint64_t spent) const { return static_cast<double>(spent) / capacity_; }

  struct Member {
    std::size_t match;
    const FollowedProcess* process;
    std::optional<std::size_t> slot;
  };

  ProcessesSettings settings_;
  double ticks_per_second_;
  int (*online_cpus_)();
  std::unique_ptr<ProcessSource> source_;
  ProcessMatcher matcher_;
  picket_name by_state_, cpu_time_, cpu_utilization_, memory_, virtual_, threads_, count_;
  picket_name state_key_, mode_key_, match_key_, slot_key_, program_key_, user_, system_;
  std::array<picket_name, kProcessStates> states_{};
  Faults::Slot slot_fault_;
  std::vector<ProcessStat> reading_;
  ProcessTable table_;
  ProcessTop top_;
  std::vector<Match> matches_;
  std::vector<Member> members_;
  std::optional<std::int64_t> last_ns_;
  double capacity_ = 0;  // units of CPU time that all CPUs had since the last reading; 0: there was none
};

}  // namespace

std::unique_ptr<Group> make_processes(const ProcessesSettings& settings, const Machine& machine,
                                      const Vocabulary& vocabulary, const SourceMaker& source) {
  return std::make_unique<ProcessesGroup>(settings, machine, vocabulary, source);
}

std::unique_ptr<Group> make_processes(const ProcessesSettings& settings, const Machine& machine,
                                      const Vocabulary& vocabulary) {
  return make_processes(settings, machine, vocabulary,
                        [&machine](Faults& faults) { return make_process_source(machine, faults); });
}

}  // namespace picket::perf_collector
