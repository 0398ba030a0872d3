// SPDX-License-Identifier: Apache-2.0
//
// The closed vocabulary of the collector: every metric, attribute key and attribute value of it is interned once, when
// its group is made, so that a sample is written with ids only. Text that the machine supplies (command names) is never
// interned. Used on the [control] thread.
#pragma once

#include <picket/host.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "choice.hpp"

namespace picket::perf_collector {

// The OpenTelemetry semantic conventions that names, units and attributes follow (README.md lists all of them).
inline constexpr std::string_view kConventions = "1.36.0";

// One metric as it is registered with the host. The texts are literals.
struct Metric {
  std::string_view name;
  std::string_view unit;     // UCUM
  std::uint32_t instrument;  // PICKET_INSTRUMENT_...
  std::int32_t decimals;     // meaningful decimal places
  std::string_view help;     // one sentence
};

class Vocabulary {
 public:
  // `host` outlives this.
  explicit Vocabulary(const picket_host* host);

  // The same without the metrics that `choice` does not want. Counts the others in `kept`. Both outlive it.
  Vocabulary only(const Choice& choice, std::size_t& kept) const;

  // Both throw std::runtime_error when the daemon's table of names is full. metric() is 0 for one that is not wanted;
  // Samples passes that over.
  picket_name name(std::string_view text) const;
  picket_name metric(const Metric& metric) const;

  std::string_view text(picket_name name) const;
  std::string_view unit(picket_name metric) const;  // empty if the metric was never described

  picket_name kind() const { return kind_; }    // "metric"
  picket_name key() const { return key_; }      // "name"
  picket_name value() const { return value_; }  // "value"

 private:
  const picket_host* host_;
  const Choice* choice_ = nullptr;
  std::size_t* kept_ = nullptr;
  picket_name kind_;
  picket_name key_;
  picket_name value_;
};

}  // namespace picket::perf_collector
