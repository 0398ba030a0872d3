// SPDX-License-Identifier: Apache-2.0
//
// Interning through the host's table; see vocabulary.hpp.
#include "vocabulary.hpp"

#include <stdexcept>
#include <string>

namespace picket::perf_collector {

namespace {

picket_str borrow(std::string_view text) {
  return picket_str_of(text.data(), text.size());
}

picket_name require(picket_name name, std::string_view text) {
  if (name != 0) return name;
  throw std::runtime_error("the daemon's table of names has no room for \"" + std::string(text) +
                           "\": configure fewer different names, or shorter ones (at most 255 bytes)");
}

}  // namespace

Vocabulary::Vocabulary(const picket_host* host)
    : host_(host), kind_(name("metric")), key_(name("name")), value_(name("value")) {}

Vocabulary Vocabulary::only(const Choice& choice, std::size_t& kept) const {
  Vocabulary fewer = *this;
  fewer.choice_ = &choice;
  fewer.kept_ = &kept;
  return fewer;
}

picket_name Vocabulary::name(std::string_view text) const {
  return require(host_->intern(host_->self, borrow(text)), text);
}

picket_name Vocabulary::metric(const Metric& metric) const {
  if (choice_ != nullptr && !choice_->wants(metric.name)) return 0;
  if (kept_ != nullptr) ++*kept_;
  picket_metric description{};
  description.size = sizeof description;
  description.instrument = metric.instrument;
  description.name = borrow(metric.name);
  description.unit = borrow(metric.unit);
  description.help = borrow(metric.help);
  description.decimals = metric.decimals;
  return require(host_->describe_metric(host_->self, &description), metric.name);
}

std::string_view Vocabulary::text(picket_name name) const {
  const picket_str text = host_->text(host_->self, name);
  return {text.data, text.length};
}

std::string_view Vocabulary::unit(picket_name metric) const {
  picket_metric description{};
  description.size = sizeof description;
  if (host_->metric(host_->self, metric, &description) != PICKET_OK) return {};
  return {description.unit.data, description.unit.length};
}

}  // namespace picket::perf_collector
