// SPDX-License-Identifier: Apache-2.0
//
// Kinds and sources of events are interned names, and clients choose them: so only so many different ones are taken.
// One for each listener; the loop's thread.
#pragma once

#include <picket/plugin.hpp>
#include <string>
#include <string_view>
#include <unordered_map>

namespace picket::pipe_server {

class NameBudget {
 public:
  static constexpr std::size_t kMost = 1'024;
  static constexpr std::size_t kLongest = 255;  // bytes, the host's limit

  explicit NameBudget(Host host) : host_(host) {}

  // 0 when there were too many already, or it is empty or too long.
  picket_name find(std::string_view text) {
    if (const auto found = names_.find(text); found != names_.end()) return found->second;
    if (names_.size() >= kMost || text.empty() || text.size() > kLongest) return 0;
    const picket_name name = host_.c()->intern(host_.self(), to_str(text));
    if (name != 0) names_.emplace(std::string(text), name);
    return name;
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  Host host_;
  std::unordered_map<std::string, picket_name, Hash, std::equal_to<>> names_;
};

}  // namespace picket::pipe_server
