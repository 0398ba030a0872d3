// SPDX-License-Identifier: Apache-2.0
//
// Host: the daemon as a plugin sees it. A value of one pointer; copy it freely, use it from every thread, as long as
// the plugin object lives. Every function is [any].
#ifndef PICKET_DETAIL_HOST_HPP
#define PICKET_DETAIL_HOST_HPP

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "../abi_copy.hpp"
#include "../host.h"
#include "failure.hpp"
#include "text.hpp"

namespace picket {

// An interned text of a closed vocabulary: a kind, a key, a port. Comparing two is comparing two numbers. Make them
// once, in the constructor. The default one is "no name".
struct Name {
  picket_name id = 0;

  explicit operator bool() const noexcept { return id != 0; }
  bool operator==(const Name &) const = default;
};

enum class Severity : std::uint32_t {
  none = PICKET_SEVERITY_NONE,
  trace = PICKET_SEVERITY_TRACE,
  debug = PICKET_SEVERITY_DEBUG,
  info = PICKET_SEVERITY_INFO,
  notice = PICKET_SEVERITY_NOTICE,
  warning = PICKET_SEVERITY_WARNING,
  error = PICKET_SEVERITY_ERROR,
  critical = PICKET_SEVERITY_CRITICAL,
  alert = PICKET_SEVERITY_ALERT,
  emergency = PICKET_SEVERITY_EMERGENCY,
};

enum class Instrument : std::uint32_t {
  gauge = PICKET_INSTRUMENT_GAUGE,
  counter = PICKET_INSTRUMENT_COUNTER,
  updowncounter = PICKET_INSTRUMENT_UPDOWNCOUNTER,
};

// What a metric name on the bus means. `unit` is UCUM ("By", "s", "1"), `decimals` 0..15 or -1 when not known.
struct Metric {
  std::string_view name;
  std::string_view unit = "1";
  std::string_view help = {};
  Instrument instrument = Instrument::gauge;
  std::int32_t decimals = -1;

  [[nodiscard]] picket_metric to_c() const noexcept {
    return {sizeof(picket_metric),
            static_cast<std::uint32_t>(instrument),
            to_str(name),
            to_str(unit),
            to_str(help),
            decimals,
            0};
  }
};

// Where a message was logged. As a default argument it is the caller's place. (std::source_location would need a newer
// clang than Debian 12 has.)
struct CallSite {
  const char *file;
  std::uint32_t line;

  static constexpr CallSite here(const char *file = __builtin_FILE(), std::uint32_t line = __builtin_LINE()) noexcept {
    return {file, line};
  }
};

class State;
class CommandCaller;
class OsLog;
class Events;
class Subscription;
struct SubscriptionSpec;

class Host {
 public:
  // `table` must be complete (see picket::plugin_type, which checks it) and outlive every copy of this.
  explicit Host(const picket_host *table) noexcept : table_(table) {}

  // The id of a text of at most 255 bytes that the plugin's author chose. Throws Failure (LIMIT) when the daemon's
  // table is full. Never pass text from an outside peer: that is what EventBuilder::set_untrusted is for.
  [[nodiscard]] Name name(std::string_view text) const {
    const Name name{table_->intern(table_->self, to_str(text))};
    if (!name) throw Failure("no room for the name '" + std::string(text.substr(0, 64)) + "'", PICKET_LIMIT);
    return name;
  }

  // Empty for "no name". Valid for the process's life.
  [[nodiscard]] std::string_view text(Name name) const noexcept { return to_view(table_->text(table_->self, name.id)); }

  // --- logging: one line each; the daemon adds the time and the instance, and limits the rate per call site ---------

  void trace(std::string_view message, CallSite where = CallSite::here()) const {
    log(PICKET_LOG_TRACE, message, where);
  }
  void debug(std::string_view message, CallSite where = CallSite::here()) const {
    log(PICKET_LOG_DEBUG, message, where);
  }
  void info(std::string_view message, CallSite where = CallSite::here()) const { log(PICKET_LOG_INFO, message, where); }
  void warning(std::string_view message, CallSite where = CallSite::here()) const {
    log(PICKET_LOG_WARNING, message, where);
  }
  void error(std::string_view message, CallSite where = CallSite::here()) const {
    log(PICKET_LOG_ERROR, message, where);
  }
  void critical(std::string_view message, CallSite where = CallSite::here()) const {
    log(PICKET_LOG_CRITICAL, message, where);
  }

  // `level` is PICKET_LOG_...; ask before building an expensive message.
  [[nodiscard]] bool log_enabled(std::uint32_t level) const noexcept {
    return table_->log_enabled(table_->self, level) != 0;
  }
  void log(std::uint32_t level, std::string_view message, CallSite where = CallSite::here()) const noexcept {
    if (!log_enabled(level)) return;
    table_->log(table_->self, level, to_str(message), where.file, where.line);
  }

  // --- time ---------------------------------------------------------------------------------------------------------

  // Of a clock that never jumps; the zero is arbitrary.
  [[nodiscard]] std::chrono::nanoseconds monotonic() const noexcept {
    return std::chrono::nanoseconds(table_->monotonic_ns(table_->self));
  }
  // UTC since 1970. May jump. What PICKET events are stamped with.
  [[nodiscard]] std::int64_t wall_ns() const noexcept { return table_->wall_ns(table_->self); }

  // --- metrics ------------------------------------------------------------------------------------------------------

  // Registers what a metric name means; the first description wins. Throws Failure (LIMIT) when the table is full.
  Name describe_metric(const Metric &metric) const {
    const picket_metric described = metric.to_c();
    const Name name{table_->describe_metric(table_->self, &described)};
    if (!name) throw Failure("no room for the metric '" + std::string(metric.name) + "'", PICKET_LIMIT);
    return name;
  }
  // What was registered for `name`; false if nothing was. The texts stay valid for the process's life.
  bool metric(Name name, Metric &metric) const noexcept {
    picket_metric described{};
    described.size = sizeof described;
    if (table_->metric(table_->self, name.id, &described) != PICKET_OK) return false;
    metric = {to_view(described.name), to_view(described.unit), to_view(described.help),
              static_cast<Instrument>(described.instrument), described.decimals};
    return true;
  }

  // --- flow ---------------------------------------------------------------------------------------------------------

  // Finishes a delivery that Sink::consume answered with PICKET_PENDING; `refused` holds ascending positions within
  // that delivery's events. See picket_host.done.
  void done(std::uint64_t ticket, picket_status status, std::span<const std::uint32_t> refused = {}) const noexcept {
    table_->done(table_->self, ticket, status, refused.data(), static_cast<std::uint32_t>(refused.size()));
  }

  // --- extensions ---------------------------------------------------------------------------------------------------

  // Whether this daemon has the extension `id` ("picket.state/1"). state, commands and
  // subscribe throw Failure (UNSUPPORTED) if not.
  [[nodiscard]] bool has(const char *id) const noexcept { return table_->extension(table_->self, id) != nullptr; }

  // The instance's own durable directory and small values (detail/state.hpp).
  [[nodiscard]] State state() const;
  // Commands of other instances (detail/commands.hpp).
  [[nodiscard]] CommandCaller commands() const;
  // Records in the operating system's event log (detail/os_log.hpp).
  [[nodiscard]] OsLog os_log() const;
  // Events of other instances, to a function `void(const Events&, std::uint64_t lost)` (detail/subscription.hpp).
  template <typename Function>
  [[nodiscard]] Subscription subscribe(const SubscriptionSpec &spec, Function &&function) const;

  // The host's extension table for `id`, as far as both sides know it.
  template <typename Table>
  [[nodiscard]] Table require(const char *id) const {
    const void *table = table_->extension(table_->self, id);
    if (table == nullptr) {
      throw Failure(std::string("this daemon has no ") + id + ", which this plugin needs: update Picket",
                    PICKET_UNSUPPORTED);
    }
    return copy_table(static_cast<const Table *>(table));
  }

  [[nodiscard]] const picket_host *c() const noexcept { return table_; }
  [[nodiscard]] void *self() const noexcept { return table_->self; }

 private:
  const picket_host *table_;
};

}  // namespace picket

#endif
