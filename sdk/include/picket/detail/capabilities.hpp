// SPDX-License-Identifier: Apache-2.0
//
// What a plugin can be: a class derives from Plugin and from each capability it has, and the wrapper makes the tables
// of the C ABI from that. A forgotten function or a wrong signature does not compile. (Commands is in commands.hpp.)
//
// An exception that leaves any of these functions is logged, becomes a status, and goes no further.
#ifndef PICKET_DETAIL_CAPABILITIES_HPP
#define PICKET_DETAIL_CAPABILITIES_HPP

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "../ext/health.h"
#include "../ext/history.h"
#include "config.hpp"
#include "events.hpp"
#include "host.hpp"

namespace picket {

// Base of every plugin class. The class has a constructor (picket::Host, const picket::Config&), which reads the
// settings and throws Failure when they cannot work; it must not touch the outside world beyond that.
class Plugin {
 public:
  explicit Plugin(Host host) noexcept : host_(host) {}
  Plugin(const Plugin &) = delete;
  Plugin &operator=(const Plugin &) = delete;
  virtual ~Plugin() = default;

  // [control] Begin. Throw to say that it does not work: the daemon tries again after a back-off.
  virtual void start() {}

  // [control] Prompt and idempotent. When it returns, nothing of this instance emits, no timer of it runs and no
  // thread of it lives. A consume() may be running meanwhile.
  virtual void stop() {}

  [[nodiscard]] Host host() const noexcept { return host_; }

 private:
  Host host_;
};

// Hears what became of what it emitted. A plugin that emits without tokens and drops on BUSY does not need it.
class Source {
 public:
  virtual ~Source() = default;
  // [control] After a BUSY on `port`: there is room again.
  virtual void on_ready(Name port) { static_cast<void>(port); }
  // [control] Exactly once for each emit that was taken with a token: PICKET_OK, PICKET_DROPPED or PICKET_REFUSED.
  virtual void acknowledged(std::uint64_t token, picket_status status) {
    static_cast<void>(token);
    static_cast<void>(status);
  }
};

// Consumes events.
class Sink {
 public:
  virtual ~Sink() = default;
  // [deliver] PICKET_OK: handled. PICKET_PENDING: kept; delivery.done() follows exactly once. PICKET_BUSY: offer it
  // again later. Negative (or an exception): refused for good.
  virtual picket_status consume(const Delivery &delivery) = 0;
  // [deliver] Nothing more is waiting at the moment: a good time to write what was gathered.
  virtual void idle() {}
  // [deliver] Finish what is gathered and PENDING as soon as possible: the daemon wants to stop, or an operator asked
  // for it. Deliveries may still follow.
  virtual void flush() {}
};

// Takes new settings without a restart.
class Reload {
 public:
  virtual ~Reload() = default;
  // [control] True: in force. False: this change needs a restart, which the daemon then does. Throw when the settings
  // cannot work; then nothing may have changed.
  virtual bool reload(const Config &config) = 0;
};

struct HealthReport {
  std::uint32_t state = PICKET_HEALTH_GOOD;  // PICKET_HEALTH_...
  std::string message = {};                  // at most 247 bytes are shown; empty when good

  static HealthReport good() { return {}; }
  static HealthReport degraded(std::string why) { return {PICKET_HEALTH_DEGRADED, std::move(why)}; }
  static HealthReport bad(std::string why) { return {PICKET_HEALTH_BAD, std::move(why)}; }
};

// Says how it is.
class Health {
 public:
  virtual ~Health() = default;
  // [control] Prompt.
  virtual HealthReport health() = 0;
};

// Where a History puts what it found. False: the reader has enough; return soon.
class SeriesReader {
 public:
  SeriesReader(picket_history_series_fn fn, void *context) noexcept : fn_(fn), context_(context) {}
  // `series.size` is set here.
  bool operator()(picket_history_series series) noexcept {
    series.size = sizeof series;
    ended_ = ended_ || fn_(context_, &series) != 0;
    return !ended_;
  }
  [[nodiscard]] bool ended() const noexcept { return ended_; }

 private:
  picket_history_series_fn fn_;
  void *context_;
  bool ended_ = false;
};

class PointsReader {
 public:
  PointsReader(picket_history_points_fn fn, void *context) noexcept : fn_(fn), context_(context) {}
  bool operator()(std::span<const picket_history_point> points) noexcept {
    ended_ = ended_ || fn_(context_, points.data(), static_cast<std::uint32_t>(points.size())) != 0;
    return !ended_;
  }
  [[nodiscard]] bool ended() const noexcept { return ended_; }

 private:
  picket_history_points_fn fn_;
  void *context_;
  bool ended_ = false;
};

class ManyPointsReader {
 public:
  ManyPointsReader(picket_history_many_fn fn, void *context) noexcept : fn_(fn), context_(context) {}
  // Points of the `index`-th series that was asked for.
  bool operator()(std::uint32_t index, std::span<const picket_history_point> points) noexcept {
    ended_ = ended_ || fn_(context_, index, points.data(), static_cast<std::uint32_t>(points.size())) != 0;
    return !ended_;
  }
  [[nodiscard]] bool ended() const noexcept { return ended_; }

 private:
  picket_history_many_fn fn_;
  void *context_;
  bool ended_ = false;
};

// Reads what it stored; works on an instance that was created and not started. See ext/history.h for the contracts.
class History {
 public:
  virtual ~History() = default;
  // [any] The series whose name matches the glob (empty: all), in order of name, source, attributes.
  virtual void series(std::string_view name_glob, SeriesReader &reader) = 0;
  // [any] The values of one series in [from_ns, to_ns), ascending; `step_ns` 0: raw samples.
  virtual void points(std::uint64_t series, std::int64_t from_ns, std::int64_t to_ns, std::int64_t step_ns,
                      PointsReader &reader) = 0;
  // [any] The same of several series; of each they come ascending. As it stands here it reads one after the other.
  virtual void points_of(std::span<const std::uint64_t> series, std::int64_t from_ns, std::int64_t to_ns,
                         std::int64_t step_ns, ManyPointsReader &reader) {
    struct Turn {
      ManyPointsReader &reader;
      std::uint32_t index;
    };
    const auto hand_on = [](void *context, const picket_history_point *found, std::uint32_t count) -> std::int32_t {
      const auto &turn = *static_cast<const Turn *>(context);
      return turn.reader(turn.index, {found, count}) ? 0 : 1;
    };
    for (std::uint32_t index = 0; index < series.size() && !reader.ended(); ++index) {
      Turn turn{reader, index};
      PointsReader one(hand_on, &turn);
      points(series[index], from_ns, to_ns, step_ns, one);
    }
  }
};

}  // namespace picket

#endif
