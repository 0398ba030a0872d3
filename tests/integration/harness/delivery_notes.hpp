// SPDX-License-Identifier: Apache-2.0
//
// What the plugins `numbered` and `keeping` wrote down, held against each other: what was acknowledged, what was taken.
// Reads only what is new since the last look, so that a run of a thousand rounds costs no more a round than one of ten.
// Used by one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace picket::integration {

class DeliveryNotes {
 public:
  explicit DeliveryNotes(const std::filesystem::path& folder);

  // Batches of which the source was told that they are safe.
  std::size_t acknowledged();
  // Events of those batches that the sink has not taken yet.
  std::size_t missing();
  // Empty, or the first number that came when a higher one had been there before it. Repetitions are no disorder.
  std::string disorder();

 private:
  // A file that grows, and where its next unread line begins.
  struct Growing {
    std::filesystem::path file;
    std::uint64_t next = 0;
    std::vector<std::string> new_lines();
  };
  // A batch of which something was missing at the last look.
  struct Range {
    std::int64_t first, last;
  };
  void read();
  bool was_taken(std::int64_t number) const;

  Growing acknowledged_file_, taken_file_;
  std::size_t acknowledged_ = 0;
  std::vector<Range> open_;
  std::map<std::int64_t, std::vector<bool>> taken_;  // by life of the source: a bit for each number
  std::int64_t highest_ = 0;
  std::string disorder_;
};

}  // namespace picket::integration
