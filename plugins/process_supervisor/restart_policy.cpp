// SPDX-License-Identifier: Apache-2.0
#include "restart_policy.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace picket::process_supervisor {

std::int64_t backoff_delay(const BackoffSettings& settings, std::uint32_t failures, double random) {
  const double grown =
      static_cast<double>(settings.initial_ns) * std::pow(settings.factor, failures == 0 ? 0 : failures - 1);
  const double capped = std::min(grown, static_cast<double>(settings.max_ns));
  return static_cast<std::int64_t>(capped * (1 - settings.jitter * random));
}

StartLimiter::StartLimiter(double per_second, double burst, std::int64_t now_ns)
    : per_second_(per_second), burst_(burst), tokens_(burst), filled_ns_(now_ns) {}

void StartLimiter::configure(double per_second, double burst, std::int64_t now_ns) {
  refill(now_ns);
  per_second_ = per_second;
  burst_ = burst;
  tokens_ = std::min(tokens_, burst);
}

void StartLimiter::refill(std::int64_t now_ns) {
  const double passed = static_cast<double>(now_ns - filled_ns_) / 1e9;
  tokens_ = std::min(burst_, tokens_ + passed * per_second_);
  filled_ns_ = now_ns;
}

void StartLimiter::wait(std::uint32_t program, std::uint32_t failures) {
  for (const auto& [known_failures, arrival, known] : queue_) {
    if (known == program) return;
  }
  queue_.emplace(failures, ++arrivals_, program);
}

void StartLimiter::forget(std::uint32_t program) {
  std::erase_if(queue_, [program](const auto& one) { return std::get<2>(one) == program; });
}

std::int64_t StartLimiter::take(std::int64_t now_ns) {
  refill(now_ns);
  // A hair less than one: after waiting for exactly next_ns() rounding must not cost another round.
  if (queue_.empty() || tokens_ < 1 - 1e-9) return -1;
  tokens_ = std::max(0.0, tokens_ - 1);
  const std::uint32_t program = std::get<2>(*queue_.begin());
  queue_.erase(queue_.begin());
  return program;
}

std::int64_t StartLimiter::next_ns(std::int64_t now_ns) const {
  if (queue_.empty()) return std::numeric_limits<std::int64_t>::max();
  const double missing = 1 - tokens_ - static_cast<double>(now_ns - filled_ns_) / 1e9 * per_second_;
  return missing <= 0 ? now_ns : now_ns + static_cast<std::int64_t>(std::ceil(missing / per_second_ * 1e9));
}

}  // namespace picket::process_supervisor
