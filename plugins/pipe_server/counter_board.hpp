// SPDX-License-Identifier: Apache-2.0
//
// Counters that outside programs supply: `add`, `set` and `time`, kept here and published as metric events each
// interval. They belong to no client: they stay until the instance ends, and any client that may publish can change
// them. On the loop's thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <picket/plugin.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "loop.hpp"
#include "publisher.hpp"
#include "settings.hpp"

namespace picket::pipe_server {

using CounterAttributes = std::map<std::string, std::string>;

struct CounterUpdate {
  enum class Kind { add, set, time };
  Kind kind = Kind::add;
  std::string name, unit, help;
  double value = 1;
  CounterAttributes attributes;
};

// Why an update is not taken.
struct CounterProblem {
  picket_status status = PICKET_INVALID;  // or PICKET_LIMIT
  std::string path;                       // INVALID: JSON pointer into the parameters; LIMIT: the setting
  std::string message;
};

// What stands on the board.
struct CounterRow {
  CounterUpdate::Kind kind = CounterUpdate::Kind::add;
  std::string name, unit, help;
  CounterAttributes attributes;
  double value = 0;                 // add: the sum; set: the last; time: the sum in seconds
  double minimum = 0, maximum = 0;  // time: ever
  std::uint64_t count = 0;          // time
};

class CounterBoard final : public Participant {
 public:
  static constexpr std::size_t kMaxAttributes = 16;
  static constexpr std::size_t kMaxName = 200, kMaxKey = 64, kMaxText = 256;  // bytes

  CounterBoard(Host host, Loop& loop, Publisher& publisher, const Settings& settings);
  ~CounterBoard() override;
  CounterBoard(const CounterBoard&) = delete;
  CounterBoard& operator=(const CounterBoard&) = delete;

  // Nothing when it was taken.
  std::optional<CounterProblem> update(const CounterUpdate& update);
  std::vector<CounterRow> rows() const;

  // Emits every value now. What the queues have no room for is left to the next round: values are totals.
  void publish();
  void publisher_ready() override {}

 private:
  struct Family {
    CounterUpdate::Kind kind = CounterUpdate::Kind::add;
    std::string unit, help;
    Name name, count, sum, minimum, maximum;  // the metrics; those of `time` are four
  };
  struct Series {
    double value = 0, minimum = 0, maximum = 0;
    std::uint64_t count = 0;
    double round_minimum = 0, round_maximum = 0;  // since the last round
    std::uint64_t round_count = 0;
  };
  using Key = std::pair<std::string, CounterAttributes>;

  std::optional<CounterProblem> check(const CounterUpdate& update) const;
  bool describe(const CounterUpdate& update, Family& family);
  void arm();
  bool emit(Name name, const CounterAttributes& attributes, double value, std::int64_t time_ns);

  Host host_;
  Loop& loop_;
  Publisher& publisher_;
  const std::size_t max_series_, max_names_;
  const std::int64_t interval_ns_;
  const Name kind_, name_key_, value_key_;
  Counter over_limit_;
  std::map<std::string, Family, std::less<>> families_;
  std::map<Key, Series> series_;
  TimerId timer_ = 0;
};

// Of a metric or an attribute: a letter or _, then letters, digits and _ . - / :
bool is_counter_name(std::string_view text, std::size_t longest);

}  // namespace picket::pipe_server
