// SPDX-License-Identifier: Apache-2.0
//
// The newest lines of a program's output, bounded by count and bytes. Takes no memory before the first line. [control]
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

namespace picket::process_supervisor {

struct OutputLine {
  std::int64_t time_ns;  // UTC
  bool error;            // of standard error
  std::string text;
};

class LastLines {
 public:
  void limit(std::uint32_t count) {
    count_ = count;
    trim();
  }
  void add(std::int64_t time_ns, bool error, std::string_view text) {
    if (count_ == 0) return;
    if (!lines_) lines_ = std::make_unique<std::deque<OutputLine>>();
    bytes_ += text.size();
    lines_->push_back({time_ns, error, std::string(text)});
    trim();
  }
  // Oldest first.
  template <typename Function>
  void each_of_last(std::size_t count, const Function& function) const {
    if (!lines_) return;
    for (std::size_t at = lines_->size() - std::min(count, lines_->size()); at < lines_->size(); ++at) {
      function((*lines_)[at]);
    }
  }

  static constexpr std::size_t kMostBytes = 64U << 10U;

 private:
  void trim() {
    while (lines_ && !lines_->empty() && (lines_->size() > count_ || bytes_ > kMostBytes)) {
      bytes_ -= lines_->front().text.size();
      lines_->pop_front();
    }
  }

  std::uint32_t count_ = 0;
  std::size_t bytes_ = 0;
  std::unique_ptr<std::deque<OutputLine>> lines_;
};

}  // namespace picket::process_supervisor
