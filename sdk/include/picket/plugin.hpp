// SPDX-License-Identifier: Apache-2.0
//
// The C++20 wrapper for plugins, header-only, over the C ABI of plugin.h. Include this one file, derive a class from
// picket::Plugin and from the capabilities it has, and export it:
//
//   class Beat : public picket::Plugin { ... };
//   PICKET_PLUGIN(Beat, {.id = "beat", .version = "1.0", .summary = "...", .config_schema = kSchema});
//
// sdk/README.md shows a whole one; <picket/testing.hpp> tests one without a daemon.
#ifndef PICKET_PLUGIN_HPP
#define PICKET_PLUGIN_HPP

#include "detail/batch.hpp"
#include "detail/binding.hpp"
#include "detail/capabilities.hpp"
#include "detail/commands.hpp"
#include "detail/config.hpp"
#include "detail/counter.hpp"
#include "detail/events.hpp"
#include "detail/handshake.hpp"
#include "detail/host.hpp"
#include "detail/messages.hpp"
#include "detail/os_log.hpp"
#include "detail/process.hpp"
#include "detail/state.hpp"
#include "detail/subscription.hpp"
#include "detail/timer.hpp"
#include "plugin.h"

namespace picket {

// What a plugin library says of itself. All texts are static. (A class that cannot live in every daemon of this major
// says so with `static constexpr std::uint16_t kMinHostMinor`.)
struct PluginInfo {
  const char *id;             // equals the file name: libheartbeat.so -> "heartbeat"
  const char *version;        // of the plugin, free text
  const char *summary;        // one line
  const char *config_schema;  // JSON Schema draft-07 of an instance's settings; formats in sdk/README.md
  bool blocks = false;        // its calls may block: the daemon gives each instance threads of its own
};

// The C description of `Class`. For the macro below, and for tests of several classes in one program; the result is
// for a static variable, one for each class.
template <typename Class>
[[nodiscard]] constexpr picket_plugin_type plugin_type(const PluginInfo &info) {
  return {sizeof(picket_plugin_type),
          PICKET_ABI_MAJOR,
          PICKET_ABI_MINOR,
          detail::min_host_minor<Class>(),
          0,
          info.blocks ? PICKET_PLUGIN_BLOCKS : 0U,
          info.id,
          info.version,
          info.summary,
          info.config_schema,
          detail::Binding<Class>::create};
}

}  // namespace picket

// Exports `Class`: once per library, at file scope. The rest is a braced PluginInfo.
#define PICKET_PLUGIN(Class, ...)                                                                               \
  extern "C" PICKET_EXPORT const picket_plugin_type *picket_plugin_v1(void) {                                   \
    static constexpr picket_plugin_type kType = ::picket::plugin_type<Class>(::picket::PluginInfo __VA_ARGS__); \
    return &kType;                                                                                              \
  }                                                                                                             \
  static_assert(true, "takes the semicolon")

#endif
