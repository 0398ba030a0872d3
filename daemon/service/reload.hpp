// SPDX-License-Identifier: Apache-2.0
//
// The way from one configuration to the next while the daemon runs: read, apply the difference, watch that what was
// started gets well, wait for a confirmation where one was asked for, and put the previous configuration back where
// either does not come. What is running, and how a difference is applied, is the daemon's (daemon.hpp).
//
// idle -> applying -> (proving) -> idle, with a confirmation pending or not; proving or pending -> rolling back ->
// idle. One at a time: requests that come meanwhile are answered together by one more. While a confirmation is pending
// they are refused. Every configuration that is put in force, also by a roll-back, counts as a generation.
//
// Everything on the core lane; it must outlive the lane's tasks.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/model.hpp"
#include "picket/result.hpp"
#include "platform/executor.hpp"
#include "plugin_host/instance.hpp"
#include "service/logging.hpp"
#include "service/notify.hpp"

namespace picket::service {

// What a reload reads. With `model` the configuration is good; without, `problems` says why, one line each.
struct LoadedModel {
  std::optional<config::Model> model;
  std::vector<std::string> problems;
  std::uint64_t files = 0;  // config::WatchedFiles::fingerprint of what was read; 0: not known
};

// What applying one configuration did. Names, each list in order.
struct ReloadChanges {
  std::vector<std::string> started;       // instances that are new
  std::vector<std::string> stopped;       // gone
  std::vector<std::string> restarted;     // with new settings, or of another type
  std::vector<std::string> reconfigured;  // took new settings while they ran
  std::vector<std::string> rewired;       // routes that came, went or changed
  bool anything = false;                  // also settings of the daemon

  // What has to run and be well now.
  std::vector<std::string> touched() const;
};

// Something happened to the configuration that is in force, or that should have been.
struct ConfigNotice {
  enum class Outcome { applied, refused, confirmed, rolled_back };

  Outcome outcome = Outcome::applied;
  std::uint64_t generation = 0;       // in force now
  std::string hash;                   // of it: config::short_hash() of `configuration`
  ReloadChanges changes;              // applied, rolled_back
  std::vector<std::string> problems;  // refused, rolled_back: why, one line each
  std::uint64_t files = 0;            // LoadedModel::files of the reload that this is about; 0: not known
};
const char* to_string(ConfigNotice::Outcome outcome);

class Reload {
 public:
  using Done = std::function<void(const Result<void>&)>;

  struct Parts {
    std::shared_ptr<platform::Lane> lane;
    Log& log;
    Notifier& notifier;
    std::function<LoadedModel()> load;
    // Makes the model the one that is in force, and touches nothing that is the same in both. An error: nothing was
    // changed. `done` on the core lane, when what was started runs or has failed once.
    std::function<void(config::Model, std::function<void(const Result<ReloadChanges>&)> done)> apply;
    std::function<const config::Model&()> model;                                              // in force
    std::function<std::shared_ptr<plugin_host::Instance>(const std::string& name)> instance;  // null: there is none
    std::function<void(const ConfigNotice&)> tell;
    // A reload or roll-back is over, successful or not.
    std::function<void()> settled;
  };

  explicit Reload(Parts parts);

  // The model that is in force now is generation 1.
  void begin();

  // Reads the configuration and applies it. `confirm_ns` > 0: unless confirm() comes within this time after, the
  // previous configuration is put back. `done` gets the reasons when it was refused or rolled back at once.
  void request(std::int64_t confirm_ns, Done done);
  // What was applied last stays.
  Result<void> confirm();
  // Does not wait for the end of the time: puts the previous configuration back. `done` when that is over.
  void roll_back(Done done);

  // The daemon stops. A reload that is under way ends first (see busy()); a confirmation that is pending is not waited
  // for, and nothing is rolled back: the next start reads the files.
  void stop();

  // settled() is still to come.
  bool busy() const { return step_ != Step::idle; }
  // Until when confirm() must come, on the monotonic clock; 0: nothing is pending.
  std::int64_t confirm_by_ns() const { return confirm_by_ns_; }
  std::uint64_t generation() const { return generation_; }
  const std::string& hash() const { return hash_; }
  // Why the last reload was refused or rolled back; empty if it was not.
  const std::string& last_problem() const { return last_problem_; }

 private:
  enum class Step { idle, applying, proving, rolling_back };

  void next();
  void refuse(const std::string& headline, std::vector<std::string> problems, picket_status status);
  void applied(const ReloadChanges& changes);
  void in_force();
  void prove();
  void judge(bool last_chance);
  void accept();
  void put_back(const std::string& reason);
  void finish(const Result<void>& result);
  void cancel_timers();
  std::optional<std::string> unwell(bool& hopeless) const;
  std::int64_t now_ns() const;
  platform::CallId call_at(std::int64_t due_ns, std::function<void()> task);
  void tell(ConfigNotice::Outcome outcome, const ReloadChanges& changes, std::vector<std::string> problems);

  const Parts parts_;
  Step step_ = Step::idle;
  bool stopping_ = false;
  std::vector<Done> waiters_;       // of the reload that is under way
  std::vector<Done> next_waiters_;  // of the one after it
  std::int64_t confirm_ns_ = 0;
  std::int64_t next_confirm_ns_ = 0;
  std::uint64_t files_ = 0;  // of the reload that is under way, or awaits its confirmation
  Done rolled_back_;

  std::optional<config::Model> previous_;  // what a roll-back puts back
  ReloadChanges changes_;                  // of the last apply
  std::int64_t prove_by_ns_ = 0;
  std::int64_t confirm_by_ns_ = 0;
  std::uint64_t round_ = 0;        // so that a call or an answer that comes late knows itself overtaken
  platform::CallId deadline_ = 0;  // of the proof, or of the confirmation
  platform::CallId poll_ = 0;

  std::uint64_t generation_ = 0;
  std::string hash_;
  std::string last_problem_;
};

}  // namespace picket::service
