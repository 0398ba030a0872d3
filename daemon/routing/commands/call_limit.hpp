// SPDX-License-Identifier: Apache-2.0
//
// At most `count` calls in `per`, as a leaky bucket: the first `count` come at once, then one each `per / count`. One
// thread at a time.
#pragma once

#include <algorithm>
#include <cstdint>

namespace picket::routing {

class CallLimit {
 public:
  // `count` >= 1, `per_ns` >= count. What was used up stays so.
  void set(std::uint32_t count, std::int64_t per_ns) {
    step_ns_ = std::max<std::int64_t>(per_ns / count, 1);
    burst_ns_ = step_ns_ * count;
  }

  // Takes one call if there is one. `now_ns` is monotonic.
  bool take(std::int64_t now_ns) {
    const std::int64_t next = std::max(used_until_ns_, now_ns) + step_ns_;
    if (next - now_ns > burst_ns_) return false;
    used_until_ns_ = next;
    return true;
  }

 private:
  std::int64_t step_ns_ = 1;
  std::int64_t burst_ns_ = 1;
  std::int64_t used_until_ns_ = INT64_MIN / 2;
};

}  // namespace picket::routing
