// SPDX-License-Identifier: Apache-2.0
//
// A life of a store in small: weeks of samples, late ones, a clock that steps back, new series, events, sealing, sums
// of days, retention, restarts. All chosen by a seed, and all remembered, so that what is on the disk at any moment can
// be held against what was delivered and what was acknowledged until then. Behaves as the plugin does towards a store
// that fails: opens it again and offers again what was not acknowledged. One thread.
#pragma once

#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "store.hpp"

namespace picket::perf_database {

class Scenario {
 public:
  // Tells how much has happened so far, in any unit that grows; called around every step.
  using Position = std::function<std::size_t()>;

  Scenario(std::filesystem::path directory, std::uint64_t seed, Position position);

  void step();
  // Until everything is acknowledged, or `tries` are over.
  void settle(int tries = 10);
  void close() { store_.reset(); }

  Store& store() { return *store_; }
  const StoreSettings& settings() const { return settings_; }
  // What the clock showed then.
  std::int64_t now(std::size_t position) const;
  const std::vector<std::string>& log() const { return log_; }

  // What is wrong with the history in `directory` if everything ended at `position`; empty: nothing. With `events_once`
  // no kept event may be there twice.
  std::string check(const std::filesystem::path& directory, std::size_t position, bool events_once) const;
  // How many samples were acknowledged at `position`.
  std::size_t acknowledged(std::size_t position) const;

  static constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();

 private:
  struct Fate {
    std::size_t begun = kNever;  // position before it was offered first
    std::size_t acked = kNever;  // position after it was acknowledged
  };
  struct Delivery {
    std::int64_t time_ns = 0;
    std::vector<std::pair<std::string, double>> values;
    std::vector<EventRow> events;
    std::size_t number = 0;
  };
  struct Written {
    std::uint64_t bits;
    std::size_t delivery;
  };

  void make_store();
  void deliver(Delivery delivery);
  bool offer(const Delivery& delivery);
  void commit();
  void maintain();
  std::int64_t fresh_time(std::int64_t near_ns);
  std::string check_samples(const std::filesystem::path& directory, std::size_t position) const;
  std::string check_events(const std::filesystem::path& directory, std::size_t position, bool once) const;

  StoreSettings settings_;
  Position position_;
  std::mt19937_64 random_;
  std::int64_t now_;
  std::int64_t maintained_hour_ = 0;
  std::vector<std::pair<std::size_t, std::int64_t>> clock_;  // from that position on
  std::vector<std::string> log_;
  std::unique_ptr<Store> store_;

  std::deque<Delivery> waiting_;  // to be offered (again)
  std::vector<Delivery> stored_;  // and not acknowledged
  std::uint64_t stored_epoch_ = 0;

  std::vector<Fate> fates_;                                         // by number of delivery
  std::map<std::string, std::map<std::int64_t, Written>> samples_;  // by series and time
  std::vector<std::pair<EventRow, std::size_t>> events_;            // with the number of delivery
  std::vector<std::pair<std::size_t, std::int64_t>> dropped_;       // from that position on, samples before then may go
};

}  // namespace picket::perf_database
