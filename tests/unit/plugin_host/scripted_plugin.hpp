// SPDX-License-Identifier: Apache-2.0
//
// A plugin type for tests, written against the bare C tables so that it can also break their rules. What each instance
// does is scripted, and what happened to it is written down, under the text of its setting "script".
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "picket/picket.h"

namespace picket::plugin_host {

struct Script {
  // What it is told to do.
  int create_failures = 0;  // the next so many creates fail
  int start_failures = 0;
  bool create_throws = false;
  bool start_throws = false;
  bool consume_throws = false;
  bool idle_throws = false;
  bool flush_throws = false;
  bool is_sink = false;
  bool has_reload = false;
  bool has_commands = false;
  picket_status consume_answer = PICKET_OK;
  picket_status reload_answer = PICKET_OK;
  std::uint32_t health = PICKET_HEALTH_GOOD;
  std::string health_message;
  std::function<void(const picket_host*)> on_start;
  std::function<void(const picket_host*)> on_stop;

  // What happened.
  const picket_host* host = nullptr;
  int creates = 0, starts = 0, stops = 0, destroys = 0, reloads = 0, flushes = 0;
  std::string settings;                                          // of the last create or reload
  std::vector<std::int64_t> consumed;                            // values of the field "value"
  std::vector<std::uint64_t> tickets;                            // of deliveries
  std::vector<std::pair<std::uint64_t, picket_status>> answers;  // acknowledged tokens
  int ready = 0;
  std::vector<std::string> executed;  // arguments of its command `echo`
  int abandoned = 0;
};

class ScriptedPlugin {
 public:
  static std::map<std::string, Script>& scripts() {
    static std::map<std::string, Script> all;
    return all;
  }

  static const picket_plugin_type* type() {
    static const picket_plugin_type kType = {sizeof(picket_plugin_type),
                                             PICKET_ABI_MAJOR,
                                             PICKET_ABI_MINOR,
                                             0,
                                             0,
                                             0,
                                             "scripted",
                                             "1",
                                             "Does what a test says",
                                             R"({"type": "object", "properties": {"script": {"type": "string"}}})",
                                             &create};
    return &kType;
  }

 private:
  static Script& of(void* self) { return *static_cast<Script*>(self); }

  static picket_status create(const picket_host* host, const picket_config* config, picket_plugin* plugin,
                              picket_error* error) {
    picket_str key{};
    if (config->get(config->self, picket_str_of("/script", 7), PICKET_TYPE_TEXT, nullptr, &key) != PICKET_OK) {
      return PICKET_INVALID;
    }
    Script& script = scripts()[std::string(key.data, key.length)];
    ++script.creates;
    script.host = host;
    const picket_str json = config->json(config->self);
    script.settings.assign(json.data, json.length);
    if (script.create_throws) throw std::runtime_error("thrown by create");
    if (script.create_failures > 0) {
      --script.create_failures;
      return fail(error, "told to fail at create");
    }
    plugin->size = sizeof *plugin;
    plugin->self = &script;
    plugin->start = &start;
    plugin->stop = [](void* self) {
      ++of(self).stops;
      if (of(self).on_stop) of(self).on_stop(of(self).host);
    };
    plugin->destroy = [](void* self) { ++of(self).destroys; };
    plugin->extension = &extension;
    return PICKET_OK;
  }

  static picket_status start(void* self, picket_error* error) {
    Script& script = of(self);
    ++script.starts;
    if (script.start_throws) throw std::runtime_error("thrown by start");
    if (script.start_failures > 0) {
      --script.start_failures;
      return fail(error, "told to fail at start");
    }
    if (script.on_start) script.on_start(script.host);
    return PICKET_OK;
  }

  static picket_status fail(picket_error* error, const char* text) {
    error->code = PICKET_FAILED;
    const std::string message = text;
    message.copy(error->message, sizeof error->message - 1);
    return PICKET_FAILED;
  }

  static picket_status consume(void* self, const picket_delivery* delivery) {
    Script& script = of(self);
    if (script.consume_throws) throw std::runtime_error("thrown by consume");
    script.tickets.push_back(delivery->ticket);
    if (script.consume_answer == PICKET_BUSY) return PICKET_BUSY;
    const picket_name value = script.host->intern(script.host->self, picket_str_of("value", 5));
    for (std::uint32_t i = 0; i < delivery->count; ++i) {
      const std::uint32_t index = delivery->selection == nullptr ? i : delivery->selection[i];
      const picket_field* field = picket_batch_find(delivery->batch, &delivery->batch->events[index], value);
      if (field != nullptr) script.consumed.push_back(field->value.i);
    }
    return script.consume_answer;
  }

  static void idle(void* self) {
    if (of(self).idle_throws) throw std::runtime_error("thrown by idle");
  }
  static void flush(void* self) {
    ++of(self).flushes;
    if (of(self).flush_throws) throw std::runtime_error("thrown by flush");
  }

  static picket_status execute(void* self, std::uint32_t index, picket_str args, picket_call call,
                               picket_error* error) {
    Script& script = of(self);
    script.executed.emplace_back(args.data, args.length);
    const auto* commands =
        static_cast<const picket_host_commands*>(script.host->extension(script.host->self, PICKET_EXT_COMMANDS));
    if (index == 0) commands->reply(script.host->self, call, PICKET_OK, args);
    if (index == 2) return fail(error, "told to fail");
    return PICKET_OK;  // `silent` never answers
  }

  static const void* extension(void* self, const char* id) {
    static constexpr picket_sink kSink = {sizeof(picket_sink), 0, &consume, &idle, &flush};
    static constexpr picket_source kSource = {sizeof(picket_source), 0,
                                              [](void* plugin, picket_name) { ++of(plugin).ready; },
                                              [](void* plugin, std::uint64_t token, picket_status status) {
                                                of(plugin).answers.emplace_back(token, status);
                                              }};
    static constexpr picket_reload kReload = {sizeof(picket_reload), 0,
                                              [](void* plugin, const picket_config* config, picket_error*) {
                                                ++of(plugin).reloads;
                                                const picket_str json = config->json(config->self);
                                                if (of(plugin).reload_answer == PICKET_OK)
                                                  of(plugin).settings.assign(json.data, json.length);
                                                return of(plugin).reload_answer;
                                              }};
    static constexpr picket_health_check kHealth = {sizeof(picket_health_check), 0,
                                                    [](void* plugin, picket_health* health) {
                                                      health->state = of(plugin).health;
                                                      of(plugin).health_message.copy(health->message, 247);
                                                    }};
    static constexpr picket_command kEcho = {sizeof(picket_command), PICKET_COMMAND_READ_ONLY, "echo", "Says it again",
                                             R"({"type": "object", "required": ["text"]})"};
    static constexpr picket_command kSilent = {sizeof(picket_command), 0, "silent", "Never answers", nullptr};
    static constexpr picket_command kFailing = {sizeof(picket_command), 0, "failing", "Fails", nullptr};
    static constexpr const picket_command* kList[] = {&kEcho, &kSilent, &kFailing};
    static constexpr picket_commands kCommands = {sizeof(picket_commands), 3, kList, &execute,
                                                  [](void* plugin, picket_call) { ++of(plugin).abandoned; }};
    const std::string wanted = id;
    const Script& script = of(self);
    if (wanted == PICKET_EXT_SINK && script.is_sink) return &kSink;
    if (wanted == PICKET_EXT_SOURCE) return &kSource;
    if (wanted == PICKET_EXT_HEALTH) return &kHealth;
    if (wanted == PICKET_EXT_RELOAD && script.has_reload) return &kReload;
    if (wanted == PICKET_EXT_COMMANDS && script.has_commands) return &kCommands;
    return nullptr;
  }
};

// Emits one batch of one metric event through `host`; gives it back unless it was taken.
inline picket_status emit_value(const picket_host* host, std::int64_t value, std::uint64_t token = 0) {
  picket_batch* batch = host->batch_new(host->self, 1, 2, 0);
  picket_batch_event(batch, host->intern(host->self, picket_str_of("metric", 6)));
  picket_batch_int(batch, host->intern(host->self, picket_str_of("value", 5)), value);
  const picket_status status = host->emit(host->self, 0, batch, token);
  if (status != PICKET_OK) host->batch_release(host->self, batch);
  return status;
}

}  // namespace picket::plugin_host
