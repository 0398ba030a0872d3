// SPDX-License-Identifier: Apache-2.0
#include "power_cut_scenario.hpp"

#include <bit>
#include <set>
#include <sstream>

#include "history_reader.hpp"
#include "meta_store.hpp"

namespace picket::perf_database {
namespace {

constexpr std::int64_t kFirst = 20'000 * kDay;
constexpr std::uint64_t kKeepEvents = 12;
constexpr int kSeriesOfScenario = 9;

}  // namespace

Scenario::Scenario(std::filesystem::path directory, std::uint64_t seed, Position position)
    : position_(std::move(position)), random_(seed), now_(kFirst + static_cast<std::int64_t>(seed % 7) * kDay) {
  settings_.directory = std::move(directory);
  settings_.keep_raw_ns = 2 * kDay;
  settings_.keep_minute_ns = 8 * kDay;
  settings_.keep_hour_ns = 12 * kDay;
  settings_.keep_day_ns = 20 * kDay;
  settings_.keep_events = kKeepEvents;
  make_store();
}

void Scenario::make_store() {
  store_.reset();
  store_ = std::make_unique<Store>(
      settings_, [this] { return now_; }, [this](std::uint32_t, const std::string& line) { log_.push_back(line); });
  (void)store_->open();  // a failure is tried again by the next step
}

void Scenario::step() {
  if (!store_->is_open()) (void)store_->open();
  const std::uint64_t dice = random_() % 100;
  if (dice < 60) {
    now_ += static_cast<std::int64_t>(random_() % 300) * kSecond;
  } else if (dice < 75) {
    now_ += static_cast<std::int64_t>(random_() % 80) * kMinute;
  } else if (dice < 77) {
    now_ += static_cast<std::int64_t>(random_() % 10) * kDay;
  } else if (dice < 79) {
    now_ -= static_cast<std::int64_t>(random_() % 600) * kSecond;
  }
  clock_.emplace_back(position_(), now_);
  Delivery delivery;
  delivery.time_ns =
      fresh_time(random_() % 12 == 0 ? now_ - static_cast<std::int64_t>(random_() % 10'000) * kSecond : now_);
  const int width =
      1 + static_cast<int>(std::min<std::uint64_t>(fates_.size() / 10 + random_() % 3, kSeriesOfScenario - 1));
  for (int s = 0; s < width; ++s) {
    if (random_() % 8 != 0)
      delivery.values.emplace_back("s" + std::to_string(s), static_cast<double>(random_() % 1'000) / 8);
  }
  if (random_() % 10 == 0) {
    delivery.events.push_back({now_, "alert", "test", 5, "event " + std::to_string(events_.size()), "{}"});
  }
  if (store_->is_open() && store_->admit(delivery.time_ns) != Admission::ok) delivery.values.clear();
  deliver(std::move(delivery));
  if (random_() % 4 == 0) commit();
  if (floor_to(now_ - kLateness, kHour) != maintained_hour_ || random_() % 12 == 0) maintain();
  if (random_() % 60 == 0) {
    commit();
    store_->close();
    for (Delivery& lost : stored_) waiting_.push_back(std::move(lost));
    stored_.clear();
    make_store();
  }
}

void Scenario::settle(int tries) {
  for (; tries > 0 && (!waiting_.empty() || !stored_.empty() || !store_->is_open()); --tries) {
    if (!store_->is_open()) (void)store_->open();
    deliver({});
    commit();
  }
}

// Times are never used twice, so that every sample can be told from all others.
std::int64_t Scenario::fresh_time(std::int64_t near_ns) {
  return near_ns / kSecond * kSecond + static_cast<std::int64_t>(fates_.size()) + 1;
}

void Scenario::deliver(Delivery delivery) {
  delivery.number = fates_.size();
  fates_.push_back({position_(), kNever});
  for (const auto& [name, value] : delivery.values) {
    samples_[name].emplace(delivery.time_ns, Written{std::bit_cast<std::uint64_t>(value), delivery.number});
  }
  for (const EventRow& event : delivery.events) events_.emplace_back(event, delivery.number);
  waiting_.push_back(std::move(delivery));
  while (!waiting_.empty() && offer(waiting_.front())) {
    stored_.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
}

bool Scenario::offer(const Delivery& delivery) {
  if (!store_->is_open()) return false;
  const std::uint64_t epoch = store_->epoch();
  if (epoch != stored_epoch_) {
    // What was stored before the store was opened again is offered again.
    stored_epoch_ = epoch;
    for (Delivery& lost : stored_) waiting_.push_back(std::move(lost));
    stored_.clear();
  }
  Tick tick{delivery.time_ns, {}};
  for (const auto& [name, value] : delivery.values) {
    const Result<SeriesId> id = store_->resolve({"box", "host", name, "{}", "1", 1, -1});
    if (!id) return false;
    tick.samples.push_back({*id, value});
  }
  if (!tick.samples.empty() && !store_->append(epoch, std::span(&tick, 1))) return false;
  return delivery.events.empty() || store_->append_events(delivery.events).ok();
}

void Scenario::commit() {
  const Result<std::uint64_t> committed = store_->commit();
  const bool durable = committed.ok() && *committed == stored_epoch_;
  for (Delivery& delivery : stored_) {
    if (durable) {
      fates_[delivery.number].acked = position_();
    } else {
      waiting_.push_back(std::move(delivery));
    }
  }
  stored_.clear();
}

void Scenario::maintain() {
  maintained_hour_ = floor_to(now_ - kLateness, kHour);
  const std::size_t begun = position_();
  (void)store_->maintain(false);  // a failure is tried again by a later one
  // The longest that this pass may have promised, whether it came to its end or not.
  const std::int64_t horizon = week_start(std::max<std::int64_t>(now_ - settings_.keep_raw_ns, 0));
  if (dropped_.empty() || dropped_.back().second < horizon) dropped_.emplace_back(begun, horizon);
}

std::int64_t Scenario::now(std::size_t position) const {
  std::int64_t now = kFirst;
  for (const auto& [from, time] : clock_) now = from <= position ? time : now;
  return now;
}

std::size_t Scenario::acknowledged(std::size_t position) const {
  std::size_t count = 0;
  for (const auto& [name, samples] : samples_) {
    for (const auto& [time, sample] : samples) count += fates_[sample.delivery].acked <= position ? 1 : 0;
  }
  return count;
}

std::string Scenario::check(const std::filesystem::path& directory, std::size_t position, bool events_once) const {
  const std::string problem = check_samples(directory, position);
  return problem.empty() ? check_events(directory, position, events_once) : problem;
}

std::string Scenario::check_samples(const std::filesystem::path& directory, std::size_t position) const {
  std::int64_t dropped_until = 0;
  for (const auto& [from, until] : dropped_) dropped_until = from <= position ? until : dropped_until;
  std::map<std::string, SeriesId> ids;
  const HistoryReader reader(directory);
  std::ostringstream problem;
  const Result<void> listed = reader.series("", [&](const StoredSeries& series) {
    if (!ids.emplace(series.info.name, series.id).second) problem << series.info.name << " is there twice; ";
    return true;
  });
  if (!listed) return listed.error().message;
  for (const auto& [name, samples] : samples_) {
    std::set<std::int64_t> found;
    if (ids.contains(name)) {
      const Result<void> read = reader.points(ids.at(name), dropped_until, kForever, 0, [&](auto chunk) {
        for (const picket_history_point& point : chunk) {
          const auto sample = samples.find(point.time_ns);
          if (point.count != 1 || sample == samples.end()) {
            problem << name << " has something at " << point.time_ns << " that was never written; ";
          } else if (sample->second.bits != std::bit_cast<std::uint64_t>(point.last)) {
            problem << name << " has another value at " << point.time_ns << "; ";
          } else if (fates_[sample->second.delivery].begun > position) {
            problem << name << " has a value of the future at " << point.time_ns << "; ";
          } else if (!found.insert(point.time_ns).second) {
            problem << name << " has a value twice at " << point.time_ns << "; ";
          }
        }
        return true;
      });
      if (!read) problem << read.error().message << "; ";
    }
    for (const auto& [time, sample] : samples) {
      if (fates_[sample.delivery].acked <= position && time >= dropped_until && !found.contains(time)) {
        problem << name << " lost an acknowledged value at " << time << "; ";
      }
    }
  }
  return problem.str();
}

std::string Scenario::check_events(const std::filesystem::path& directory, std::size_t position, bool once) const {
  std::map<std::string, int> found;
  try {
    const Database meta = open_for_reading(directory / kMetaFile, FileKind::meta);
    Statement rows = meta.prepare("SELECT message FROM events");
    while (rows.step()) ++found[std::string(rows.text(0))];
  } catch (const SqlError& error) {
    return error.what();
  }
  // Of the newest that were begun, keep_events stay.
  std::ostringstream problem;
  std::size_t newer = 0;
  for (auto at = events_.rbegin(); at != events_.rend(); ++at) {
    const Fate& fate = fates_[at->second];
    if (fate.begun > position) {
      if (found.contains(at->first.message)) problem << at->first.message << " comes from the future; ";
      continue;
    }
    const int count = found.contains(at->first.message) ? found.at(at->first.message) : 0;
    if (once && count > 1) problem << at->first.message << " is there " << count << " times; ";
    if (once && count == 0 && fate.acked <= position && newer < kKeepEvents)
      problem << at->first.message << " is lost; ";
    ++newer;
  }
  return problem.str();
}

}  // namespace picket::perf_database
