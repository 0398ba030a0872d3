// SPDX-License-Identifier: Apache-2.0
#include "commands/progress.hpp"

#include <algorithm>
#include <string>

namespace picket::commands {
namespace {

constexpr std::int64_t kPatience = 500 * platform::kMillisecond;  // before the bar appears
constexpr std::int64_t kRedraw = 100 * platform::kMillisecond;
constexpr int kBarWidth = 30;

}  // namespace

Progress::Progress(const platform::Clock& clock, std::ostream& err, bool shown)
    : clock_(clock), err_(err), shown_(shown), next_ns_(clock.monotonic_ns() + kPatience) {}

void Progress::update(double part) {
  if (!shown_) return;
  part_ = std::max(part_, std::clamp(part, 0.0, 1.0));
  const std::int64_t now = clock_.monotonic_ns();
  if (now < next_ns_) return;
  next_ns_ = now + kRedraw;
  drawn_ = true;
  const auto full = static_cast<std::size_t>(part_ * kBarWidth);
  err_ << "\rreading [" << std::string(full, '#') << std::string(kBarWidth - full, ' ') << "] "
       << static_cast<int>(part_ * 100) << " %" << std::flush;
}

void Progress::finish() {
  shown_ = false;
  if (drawn_) err_ << "\r\x1b[K" << std::flush;  // to the line's end
  drawn_ = false;
}

}  // namespace picket::commands
