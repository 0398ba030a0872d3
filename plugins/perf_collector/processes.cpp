// SPDX-License-Identifier: Apache-2.0
//
// See processes.hpp. One tick: the table reads, then the states, the matches and the top are rows made of it.
#include "processes.hpp"

#include <array>
#include <bit>
#include <optional>

#include "process_slots.hpp"
#include "process_usage.hpp"

namespace picket::perf_collector {

namespace {

constexpr std::array<std::string_view, kProcessStates> kStateNames{"running", "sleeping", "blocked", "idle",
                                                                   "stopped", "defunct",  "unknown"};

constexpr std::string_view kRefused =
    "some of its processes do not let us read this; run as root or with CAP_SYS_PTRACE, or remove it from the settings";
constexpr std::string_view kUnsupported = "this operating system does not tell it; remove it from the settings";

// The costly details of one entry of the settings, each with a place in the faults.
class DetailFaults {
 public:
  DetailFaults(const std::string& where, DetailSet details, Faults& faults) : faults_(faults) {
    for (std::size_t i = 0; i < kProcessDetails; ++i) {
      const DetailSet bit = detail_bit(static_cast<ProcessDetail>(i));
      if ((details & ~kFreeDetails & bit) == 0) continue;
      slots_[i] = faults.add(where + ": " + std::string(kDetailNames[i]));
      told_ |= bit;
    }
  }

  void tell(DetailSet refused, DetailSet supported) const {
    for (std::size_t i = 0; i < kProcessDetails; ++i) {
      const DetailSet bit = detail_bit(static_cast<ProcessDetail>(i));
      if ((told_ & bit) == 0) continue;
      if ((supported & bit) == 0) {
        faults_.bad(slots_[i], kUnsupported);
      } else if ((refused & bit) != 0) {
        faults_.bad(slots_[i], kRefused);
      } else {
        faults_.good(slots_[i]);
      }
    }
  }

 private:
  Faults& faults_;
  std::array<Faults::Slot, kProcessDetails> slots_{};
  DetailSet told_ = 0;
};

struct Match {
  picket_name name;
  bool each;
  DetailSet details;
  DetailFaults faults;
  ProcessUsage sum{};
  ProcessSlots slots{};
};

class ProcessesGroup final : public Group {
 public:
  ProcessesGroup(const ProcessesSettings& settings, const Machine& machine, const Vocabulary& vocabulary,
                 const SourceMaker& source)
      : settings_(settings),
        online_cpus_(machine.online_cpus),
        source_(source(faults_)),
        matcher_(settings.match, *source_, faults_),
        top_reads_(settings.top == 0 ? DetailSet{0} : with_order(settings)),
        table_(*source_, settings.budget, questions()),
        rows_(vocabulary, machine.ticks_per_second),
        by_state_(vocabulary.metric(kProcessesByState)),
        state_key_(vocabulary.name("system.process.status")),
        slot_fault_(faults_.add("groups.processes.sum")),
        top_faults_("groups.processes.top", top_reads_, faults_) {
    for (std::size_t i = 0; i < kProcessStates; ++i) states_[i] = vocabulary.name(kStateNames[i]);
    for (const MatchSettings& match : settings.match) {
      matches_.push_back({vocabulary.name(match.name), match.each, match.details,
                          DetailFaults("groups.processes.match \"" + match.name + "\"", match.details, faults_)});
    }
  }

  void collect(std::int64_t monotonic_ns, Samples& samples) override {
    matcher_.read_pid_files();
    if (!table_.update(monotonic_ns)) return;
    cpus_ = online_cpus_();
    add_states(samples);
    if (!matches_.empty()) add_matches(samples);
    if (settings_.top > 0) add_top(samples);
    first_ = false;
  }

 private:
  static DetailSet with_order(const ProcessesSettings& settings) {
    const DetailSet order = settings.by == TopBy::io ? detail_bit(kDetailIo) : DetailSet{0};
    return static_cast<DetailSet>(settings.top_details | order);
  }

  ProcessTable::Questions questions() {
    return {[this](const ProcessStat& process) { return matcher_.evaluate(process); },
            [this](MatchSet candidates) {
              return static_cast<DetailSet>((matcher_.details(candidates) | top_reads_) & ~kFreeDetails);
            }};
  }

  void add_states(Samples& samples) const {
    std::array<std::int64_t, kProcessStates> counts{};
    for (const FollowedProcess& process : table_.processes()) ++counts[process.now.state];
    for (std::size_t i = 0; i < kProcessStates; ++i) {
      if (i == kUnknown && counts[i] == 0) continue;
      samples.add(by_state_, counts[i]).set(state_key_, states_[i]);
    }
  }

  void add_matches(Samples& samples) {
    for (Match& match : matches_) match.sum.begin();
    members_.clear();
    for (const FollowedProcess& process : table_.processes()) {
      for (MatchSet left = matcher_.select(process.candidates, process.now.pid); left != 0; left &= left - 1) {
        const auto index = static_cast<std::size_t>(std::countr_zero(left));
        matches_[index].sum.add(process);
        if (matches_[index].each) members_.push_back({index, &process, std::nullopt});
      }
    }
    for (const Match& match : matches_) {
      match.faults.tell(match.sum.refused, source_->supported());
      const ProcessTag tag{match.name, -1, {}};
      rows_.add_count(match.sum, tag, samples);
      if (match.each) continue;
      rows_.add_cpu_time(match.sum, tag, samples);
      if (!first_) rows_.add_utilization(match.sum, tag, cpus_, samples);
      add_rest(match.sum, match.details, tag, samples);
    }
    if (!members_.empty()) add_members(samples);
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
      Match& match = matches_[member.match];
      if (!member.slot) member.slot = match.slots.take(now.pid, now.start);
      room = room && member.slot.has_value();
      // One that was not read at this tick has no value of this time: its rate downstream is then over the true time.
      if (member.slot && member.process->fresh) add_member(match, *member.process, *member.slot, samples);
    }
    room
        ? faults_.good(slot_fault_)
        : faults_.bad(slot_fault_, "`each` shows at most 100 processes of a match; narrow the match, or use sum: true");
  }

  void add_member(const Match& match, const FollowedProcess& process, std::size_t slot, Samples& samples) const {
    const ProcessUsage usage = ProcessUsage::of(process);
    const ProcessTag tag{match.name, static_cast<std::int64_t>(slot), {}};
    rows_.add_cpu_time(usage, tag, samples);
    if (usage.interval_ns > 0) rows_.add_utilization(usage, tag, cpus_, samples);
    add_rest(usage, match.details, tag, samples);
  }

  void add_rest(const ProcessUsage& usage, DetailSet details, const ProcessTag& tag, Samples& samples) const {
    rows_.add_memory(usage, tag, samples);
    rows_.add_virtual(usage, tag, samples);
    rows_.add_details(usage, details, age(usage), tag, samples);
    if (table_.sampled()) rows_.add_interval(usage, tag, samples);
  }

  void add_top(Samples& samples) {
    top_.update(table_.processes());
    top_faults_.tell(top_.refused(), source_->supported());
    for (const ProcessTop::Sum* sum : top_.largest(settings_.top, settings_.by)) {
      const ProcessTag tag{0, -1, sum->name};
      if (!first_) rows_.add_whole_utilization(sum->usage, tag, cpus_, samples);
      rows_.add_memory(sum->usage, tag, samples);
      rows_.add_count(sum->usage, tag, samples);
      rows_.add_details(sum->usage, settings_.top_details, age(sum->usage), tag, samples);
      if (table_.sampled()) rows_.add_interval(sum->usage, tag, samples);
    }
  }

  double age(const ProcessUsage& usage) const { return usage.count > 0 ? source_->age_seconds(usage.oldest_start) : 0; }

  struct Member {
    std::size_t match;
    const FollowedProcess* process;
    std::optional<std::size_t> slot;
  };

  ProcessesSettings settings_;
  int (*online_cpus_)();
  std::unique_ptr<ProcessSource> source_;
  ProcessMatcher matcher_;
  DetailSet top_reads_;  // what is read of every process
  ProcessTable table_;
  ProcessRows rows_;
  picket_name by_state_, state_key_;
  std::array<picket_name, kProcessStates> states_{};
  Faults::Slot slot_fault_;
  DetailFaults top_faults_;
  ProcessTop top_;
  std::vector<Match> matches_;
  std::vector<Member> members_;
  int cpus_ = 1;
  bool first_ = true;
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
