// SPDX-License-Identifier: Apache-2.0
//
// The settings of one instance, and the schema that the daemon checks them against. Read once, in the constructor.
#pragma once

#include <chrono>

#include "picket/plugin.hpp"
#include "store.hpp"

namespace picket::perf_database {

extern const char kSettingsSchema[];

struct Settings {
  StoreSettings store;
  std::chrono::nanoseconds commit_interval{5 * kSecond};
  std::string host;  // the host part of series whose events name none
};

// Throws picket::Failure with the setting's name. Touches nothing outside.
Settings read_settings(Host host, const Config& config);

}  // namespace picket::perf_database
