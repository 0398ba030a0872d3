// SPDX-License-Identifier: Apache-2.0
//
// What the destinations of a router share to keep events on disk: where, with which thread, and whom to tell. The one
// thread is made with the first spool or dead letter, and does all of their waiting for the disk.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "config/model.hpp"
#include "platform/executor.hpp"
#include "routing/names.hpp"
#include "routing/spool/dead_letters.hpp"

namespace picket::routing::spool {

// Thread-safe. Held by shared_ptr.
class SpoolHost {
 public:
  // How bad what an operator hears is.
  enum class Tone : std::uint8_t { info, warning, error };
  using Report =
      std::function<void(Tone, const std::string& route, const std::string& destination, const std::string& message)>;

  // `state_dir`: absolute. `names` outlives it.
  SpoolHost(std::filesystem::path state_dir, std::shared_ptr<platform::Executor> executor, Names& names,
            Report on_report);
  SpoolHost(const SpoolHost&) = delete;
  SpoolHost& operator=(const SpoolHost&) = delete;

  Names& names() const { return names_; }
  // A new lane of the thread that may wait for the disk.
  std::shared_ptr<platform::Lane> make_lane();

  std::filesystem::path folder(const std::string& route, const std::string& destination) const;
  // Something was left on disk for this destination.
  bool has_backlog(const std::string& route, const std::string& destination) const;

  void set_dead_letters(bool enabled, std::uint64_t max_bytes);
  // Null when they are not kept.
  std::shared_ptr<DeadLetters> dead_letters();
  struct LetterCounts {
    std::uint64_t written = 0;  // events
    std::uint64_t lost = 0;     // refused, and in no file
    std::string failure;        // why the last writing failed; empty: it did not
  };
  LetterCounts letter_counts() const;
  // Ends the thread that may wait for the disk, once all that it has to write is written; what comes later is dropped.
  // May wait for the disk. Not on that thread, and while `names` is still there.
  void finish();
  // What is on disk for destinations that `routes` does not have: "ROUTE -> DESTINATION: 17 events".
  std::vector<std::string> kept_for_nobody(const std::map<std::string, config::Route>& routes) const;

  void report(Tone tone, const std::string& route, const std::string& destination, const std::string& message) const {
    if (report_) report_(tone, route, destination, message);
  }

 private:
  const std::filesystem::path state_dir_;
  const std::shared_ptr<platform::Executor> executor_;
  Names& names_;
  const Report report_;

  mutable std::mutex mutex_;                       // guards everything below
  std::shared_ptr<platform::Executor> dedicated_;  // made when it is needed
  bool keeps_dead_letters_ = true;
  std::uint64_t dead_letters_bytes_ = 64ULL << 20U;
  std::shared_ptr<DeadLetters> dead_letters_;
};

}  // namespace picket::routing::spool
