// SPDX-License-Identifier: Apache-2.0
//
// A plugin type in memory: it accepts or refuses its settings as told, keeps a small history, and says what it saw.
#pragma once

#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "picket/picket.h"

namespace picket::commands::memory_plugin {

// What the last instance saw; reset by each test that looks.
struct Seen {
  int created = 0;
  int destroyed = 0;
  std::string settings;
  std::string state_root;
  bool other_extension = true;  // whether the host offered something that it must not
  picket_status emitted = PICKET_OK;
  std::uint32_t counter = 0;
  const picket_host* host = nullptr;
  std::thread thread;  // of `later`; to be joined
};
inline Seen seen;

inline picket_status list_series(void*, picket_str, picket_history_series_fn fn, void* context, picket_error*) {
  picket_history_series series{};
  series.size = sizeof series;
  series.id = 7;
  series.host = picket_str_of("box", 3);
  series.source = picket_str_of("host", 4);
  series.name = picket_str_of("load", 4);
  series.attributes = picket_str_of("{}", 2);
  for (int i = 0; i < 3; ++i) {
    if (fn(context, &series) != 0) return PICKET_CANCELLED;
  }
  return PICKET_OK;
}

inline picket_status read_points(void*, std::uint64_t id, std::int64_t from, std::int64_t, std::int64_t,
                                 picket_history_points_fn fn, void* context, picket_error* error) {
  if (id == 9) {
    std::strcpy(error->message, "the disk is on fire");
    return PICKET_FAILED;
  }
  if (id != 7) {
    std::strcpy(error->message, "no such series");
    return PICKET_NOT_FOUND;
  }
  const picket_history_point points[] = {{from, 1, 1, 1, 1, 1}, {from + 1, 2, 2, 2, 2, 1}};
  return fn(context, points, 2) == 0 ? PICKET_OK : PICKET_CANCELLED;
}

inline constexpr picket_history kHistory = {sizeof(picket_history), 0, &list_series, &read_points, nullptr};

// `echo` answers with its arguments, `later` from a thread of its own, `fail` with a refusal.
inline const picket_command kEcho = {sizeof(picket_command), 0, "echo", "Says it again", nullptr};
inline const picket_command kLater = {sizeof(picket_command), 0, "later", "Says it later", nullptr};
inline const picket_command kFail = {sizeof(picket_command), 0, "fail", "Refuses", nullptr};
inline const picket_command* const kCommandList[] = {&kEcho, &kLater, &kFail};

inline picket_status execute(void*, std::uint32_t index, picket_str args, picket_call call, picket_error* error) {
  const auto* const answers =
      static_cast<const picket_host_commands*>(seen.host->extension(seen.host->self, PICKET_EXT_COMMANDS));
  if (index == 2) {
    std::strcpy(error->message, "not in this colour");
    return PICKET_BUSY;
  }
  seen.host->counter_set(seen.host->self, seen.counter, 42);
  const auto reply = [answers, call, text = std::string(args.data, args.length)] {
    answers->reply(seen.host->self, call, PICKET_OK, picket_str_of(text.data(), text.size()));
    answers->reply(seen.host->self, call, PICKET_FAILED, picket_str_of("twice", 5));  // the first answer counts
  };
  if (index == 0) {
    reply();
  } else {
    seen.thread = std::thread(reply);
  }
  return PICKET_OK;
}

inline constexpr picket_commands kCommands = {sizeof(picket_commands), 3, kCommandList, &execute, nullptr};

inline const void* extension(void*, const char* id) {
  if (std::string_view(id) == PICKET_EXT_COMMANDS) return &kCommands;
  return std::string_view(id) == PICKET_EXT_HISTORY ? &kHistory : nullptr;
}

inline picket_status create(const picket_host* host, const picket_config* config, picket_plugin* plugin,
                            picket_error* error) {
  ++seen.created;
  seen.host = host;
  const picket_str json = config->json(config->self);
  seen.settings.assign(json.data, json.length);
  const auto* const state = static_cast<const picket_state*>(host->extension(host->self, PICKET_EXT_STATE));
  const picket_str root = state->root(host->self);
  seen.state_root.assign(root.data, root.length);
  seen.other_extension = host->extension(host->self, PICKET_EXT_SUBSCRIBE) != nullptr;
  picket_batch* const batch = host->batch_new(host->self, 1, 1, 1);
  seen.emitted = host->emit(host->self, 0, batch, 0);
  host->batch_release(host->self, batch);
  picket_metric metric{};
  metric.size = sizeof metric;
  metric.name = picket_str_of("strokes", 7);
  seen.counter = host->register_counter(host->self, &metric);
  host->counter_add(host->self, seen.counter, 1);
  if (seen.settings.find("bad") != std::string::npos) {
    std::strcpy(error->message, "the colour is bad");
    return PICKET_INVALID;
  }
  if (seen.settings.find("explosive") != std::string::npos) throw std::runtime_error("the paint blew up");
  plugin->size = sizeof *plugin;
  plugin->start = [](void*, picket_error*) -> picket_status { return PICKET_OK; };
  plugin->stop = [](void*) {};
  plugin->destroy = [](void*) { ++seen.destroyed; };
  plugin->extension = &extension;
  return PICKET_OK;
}

inline constexpr picket_plugin_type kType = {
    sizeof(picket_plugin_type),
    PICKET_ABI_MAJOR,
    PICKET_ABI_MINOR,
    0,
    0,
    0,
    "paint",
    "1.2",
    "Paints things",
    R"({"type": "object", "properties": {"colour": {"type": "string", "description": "What to paint with."}}})",
    &create};

}  // namespace picket::commands::memory_plugin
