// SPDX-License-Identifier: Apache-2.0
//
// From what events say about their groups to `alert` events: keeps a state machine for each group that is not simply
// well, runs its timers, and writes what is to be told. Used by `threshold` and `forecast`, on the route's lane.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "routing/steps/alert_machine.hpp"
#include "routing/steps/deadlines.hpp"
#include "routing/steps/group_table.hpp"
#include "routing/steps/message_template.hpp"
#include "routing/steps/ordered_output.hpp"
#include "routing/steps/step.hpp"

namespace picket::routing {

// A number that a step found out, shown in the alert beside the event's fields.
struct AlertFigure {
  picket_name key = 0;
  Value value;
};

// What is remembered of the event that decided: the fields that the conditions and the message read.
struct AlertEvidence {
  std::vector<picket_field> fields;
  std::string bytes;
};

class Alerts {
 public:
  static constexpr std::size_t kMaxText = 1'024;  // bytes of each text that is remembered; longer ones are cut

  // `settings`: those of alert_schema.hpp. `fields`: keys that the step's conditions read.
  Alerts(const nlohmann::json& settings, const StepContext& context, std::vector<std::string> fields);

  // False when an event that does not raise needs no further look, because nothing is remembered of any group.
  bool watching() const { return groups_.size() != 0 || rules_.absent != 0; }

  // One event of the group `key`, known at `now` (monotonic ns). Alerts that follow are written to `out`.
  void see(GroupKey key, std::int64_t now, AlertInput input, const picket_batch& batch, const picket_event& event,
           std::span<const AlertFigure> figures, OrderedOutput& out);

  std::int64_t due_ns() const { return deadlines_.next(); }
  void tick(std::int64_t now, OrderedOutput& out);
  // Clears what is raised, since nobody will.
  void finish(std::int64_t now, OrderedOutput& out);

  std::uint64_t held() const { return groups_.size(); }
  std::uint64_t over_limit() const { return over_limit_; }

 private:
  struct Group {
    AlertMachine machine;
    std::int64_t last_time = 0;  // of its last event, UTC ns
    std::int64_t started = 0;    // when what is raised or pending began, UTC ns
    std::uint64_t id = 0;        // of the alert that is raised
    AlertEvidence evidence;
  };

  std::uint32_t add(GroupKey key, std::int64_t now, std::int64_t time_ns);
  void run_timers(std::uint32_t index, std::int64_t now, OrderedOutput& out);
  void settle(std::uint32_t index);  // removes the group, or sets its deadline
  void remember(Group& group, const picket_batch& batch, const picket_event& event,
                std::span<const AlertFigure> figures) const;
  void tell(std::uint32_t index, AlertNews news, std::int64_t time_ns, OrderedOutput& out);
  void describe(std::uint32_t index, AlertNews news, std::int64_t time_ns, EventWriter& writer);
  std::uint64_t make_id(std::uint32_t index) const;

  Names& names_;
  const platform::Clock& clock_;
  picket_name route_;
  AlertRules rules_;
  MessageTemplate message_;
  std::uint32_t severity_;
  std::array<bool, 4> told_ = {};  // by AlertNews
  picket_name rule_;
  std::vector<expression::FieldKey> fields_;

  struct Keys {
    picket_name alert, message, id, rule, state, reason, started, duration, flapping;
    std::array<picket_name, 4> news;     // by AlertNews
    std::array<picket_name, 4> reasons;  // by AlertReason
  } keys_;

  GroupTable<Group> groups_;
  Deadlines deadlines_;
  std::uint64_t over_limit_ = 0;
};

}  // namespace picket::routing
