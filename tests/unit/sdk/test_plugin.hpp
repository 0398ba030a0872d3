// SPDX-License-Identifier: Apache-2.0
//
// A plugin type for one test: `Class` behind its C entry, in a fake host. The test reaches the instance through
// `Class::last`, which Tracked keeps.
#pragma once

#include <gtest/gtest.h>

#include <picket/plugin.hpp>
#include <picket/testing.hpp>

namespace picket::testing {

// Base that lets a test reach the newest instance of `Class`, through `Class::last` as through a pointer.
template <typename Class>
class Tracked : public Plugin {
 public:
  explicit Tracked(Host host) : Plugin(host) { last.instance = this; }
  Tracked(Host host, const Config& /*config*/) : Tracked(host) {}
  ~Tracked() override {
    if (last.instance == this) last.instance = nullptr;
  }

  // Becomes a `Class` only when it is asked for, since the constructor of this base runs before there is one.
  struct Last {
    Tracked* instance = nullptr;
    Class* operator->() const { return static_cast<Class*>(instance); }
    Class& operator*() const { return static_cast<Class&>(*instance); }
    bool operator==(std::nullptr_t) const { return instance == nullptr; }
  };
  inline static Last last;
};

template <typename Class>
const picket_plugin_type* type_of() {
  static constexpr picket_plugin_type kType = plugin_type<Class>(
      {.id = "test", .version = "1", .summary = "a plugin of a test", .config_schema = R"({"type": "object"})"});
  return &kType;
}

}  // namespace picket::testing
