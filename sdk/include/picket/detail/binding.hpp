// SPDX-License-Identifier: Apache-2.0
//
// From a C++ class to the tables of the C ABI: the only code that the daemon calls directly. Every function here is a
// trampoline: check the thread, run the plugin's function under the guard, turn what came of it into a status.
#ifndef PICKET_DETAIL_BINDING_HPP
#define PICKET_DETAIL_BINDING_HPP

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdio>
#include <iterator>
#include <memory>
#include <string_view>

#include "../abi_copy.hpp"
#include "../ext/reload.h"
#include "../ext/source.h"
#include "capabilities.hpp"
#include "commands.hpp"
#include "handshake.hpp"
#include "messages.hpp"
#include "thread_check.hpp"

namespace picket::detail {

// A class that offers commands also lists them.
template <typename Class>
concept ListsCommands = requires {
  { Class::kCommands[0] } -> std::convertible_to<const CommandInfo &>;
};

template <typename Class>
class Binding {
 public:
  static_assert(std::derived_from<Class, Plugin>, "a plugin class derives from picket::Plugin");
  static_assert(std::constructible_from<Class, Host, const Config &>,
                "a plugin class has a constructor (picket::Host, const picket::Config&) and no pure function left");

  // picket_plugin_type.create.
  static picket_status create(const picket_host *host, const picket_config *config, picket_plugin *plugin,
                              picket_error *error) noexcept {
    return guard(report_to(error), [&] {
      const picket_host ours = copy_table(host);
      check_host(ours, min_host_minor<Class>());
      if (config == nullptr) throw Failure("the daemon gave no settings", PICKET_INVALID);
      if (plugin == nullptr || !PICKET_HAS(plugin, extension)) {
        throw Failure("the daemon's picket_plugin is smaller than that of plugin ABI 1.0: update Picket",
                      PICKET_UNSUPPORTED);
      }
      auto binding = std::make_unique<Binding>(ours, Config(*config));
      const picket_plugin table{sizeof table, 0, binding.get(), start, stop, destroy, extension};
      store_table(plugin, table);
      static_cast<void>(binding.release());  // the daemon's now, until destroy
    });
  }

  Binding(const picket_host &host, const Config &config)
      : host_(host), check_(Host(&host_)), instance_(Host(&host_), config) {}

 private:
  static Binding &of(void *self) noexcept { return *static_cast<Binding *>(self); }
  Host host() const noexcept { return Host(&host_); }

  static auto report_to(picket_error *error) noexcept {
    return [error](picket_status status, std::string_view message) noexcept { set_error(error, status, message); };
  }
  // Where the ABI has no room for an error, it goes to the log; each trampoline is a call site of its own.
  auto report_to_log(const char *what, CallSite where = CallSite::here()) const noexcept {
    return [this, what, where](picket_status, std::string_view message) noexcept {
      char line[512];
      std::snprintf(line, sizeof line, "%s: %.*s", what, static_cast<int>(std::min<std::size_t>(message.size(), 480)),
                    message.data());
      host().log(PICKET_LOG_ERROR, line, where);
    };
  }

  // --- picket_plugin ------------------------------------------------------------------------------------------------

  static picket_status start(void *self, picket_error *error) noexcept {
    return guard(report_to(error), [&] {
      of(self).check_.control("start");
      of(self).instance_.start();
    });
  }
  static void stop(void *self) noexcept {
    guard(of(self).report_to_log("stop"), [&] {
      of(self).check_.control("stop");
      of(self).instance_.stop();
    });
  }
  static void destroy(void *self) noexcept { delete static_cast<Binding *>(self); }

  static const void *extension(void * /*self*/, const char *id) noexcept {
    const std::string_view wanted = id == nullptr ? "" : id;
    if constexpr (std::derived_from<Class, Source>) {
      if (wanted == PICKET_EXT_SOURCE) return &kSource;
    }
    if constexpr (std::derived_from<Class, Sink>) {
      if (wanted == PICKET_EXT_SINK) return &kSink;
    }
    if constexpr (std::derived_from<Class, Commands>) {
      if (wanted == PICKET_EXT_COMMANDS) return &CommandTable::kTable;
    }
    if constexpr (std::derived_from<Class, Reload>) {
      if (wanted == PICKET_EXT_RELOAD) return &kReload;
    }
    if constexpr (std::derived_from<Class, Health>) {
      if (wanted == PICKET_EXT_HEALTH) return &kHealth;
    }
    if constexpr (std::derived_from<Class, History>) {
      if (wanted == PICKET_EXT_HISTORY) return &kHistory;
    }
    if constexpr (std::derived_from<Class, MessageHandler>) {
      if (wanted == PICKET_EXT_MESSAGE_HANDLER) return &kMessageHandler;
    }
    return nullptr;
  }

  // --- picket.source/1 ----------------------------------------------------------------------------------------------

  static void on_ready(void *self, picket_name port) noexcept {
    guard(of(self).report_to_log("on_ready"), [&] {
      of(self).check_.control("on_ready");
      static_cast<Source &>(of(self).instance_).on_ready(Name{port});
    });
  }
  static void acknowledged(void *self, uint64_t token, picket_status status) noexcept {
    guard(of(self).report_to_log("acknowledged"), [&] {
      of(self).check_.control("acknowledged");
      static_cast<Source &>(of(self).instance_).acknowledged(token, status);
    });
  }
  static constexpr picket_source kSource{sizeof(picket_source), 0, on_ready, acknowledged};

  // --- picket.sink/1 ------------------------------------------------------------------------------------------------

  static picket_status consume(void *self, const picket_delivery *delivery) noexcept {
    return guard(of(self).report_to_log("consume"), [&] {
      of(self).check_.deliver("consume");
      return static_cast<Sink &>(of(self).instance_).consume(Delivery(of(self).host(), copy_table(delivery)));
    });
  }
  static void idle(void *self) noexcept {
    guard(of(self).report_to_log("idle"), [&] {
      of(self).check_.deliver("idle");
      static_cast<Sink &>(of(self).instance_).idle();
    });
  }
  static void flush(void *self) noexcept {
    guard(of(self).report_to_log("flush"), [&] {
      of(self).check_.deliver("flush");
      static_cast<Sink &>(of(self).instance_).flush();
    });
  }
  static constexpr picket_sink kSink{sizeof(picket_sink), 0, consume, idle, flush};

  // --- picket.commands/1 --------------------------------------------------------------------------------------------

  static picket_status execute(void *self, uint32_t index, picket_str args, picket_call call,
                               picket_error *error) noexcept {
    const auto report = report_to(error);
    picket_host_commands answers{};
    const picket_status ready = guard(report, [&] {
      of(self).check_.control("execute");
      if (index >= CommandTable::kCount) throw Failure("no such command", PICKET_NOT_FOUND);
      answers = of(self).host().template require<picket_host_commands>(PICKET_EXT_COMMANDS);
    });
    if (ready != PICKET_OK) return ready;
    // From here on the reply is the one answer, so what the daemon hears is OK.
    Reply reply(of(self).host(), answers, call);
    guard([&](picket_status status, std::string_view message) noexcept { reply.fail(message, status); },
          [&] {
            static_cast<Commands &>(of(self).instance_)
                .execute(Class::kCommands[index].name, to_view(args), std::move(reply));
          });
    return PICKET_OK;
  }
  static void abandoned(void *self, picket_call call) noexcept {
    guard(of(self).report_to_log("abandoned"), [&] {
      of(self).check_.control("abandoned");
      static_cast<Commands &>(of(self).instance_).abandoned(call);
    });
  }
  // In a struct of its own: looked at only for classes that have commands.
  struct CommandTable {
    static_assert(ListsCommands<Class>,
                  "a class with commands lists them: static constexpr picket::CommandInfo "
                  "kCommands[] = {{.name = ..., .summary = ...}, ...};");
    static constexpr std::uint32_t kCount = std::size(Class::kCommands);
    static constexpr auto kList = [] {
      std::array<picket_command, kCount> list{};
      for (std::uint32_t i = 0; i < kCount; ++i) {
        const CommandInfo &info = Class::kCommands[i];
        list[i] = {sizeof(picket_command), info.read_only ? PICKET_COMMAND_READ_ONLY : 0, info.name, info.summary,
                   info.args_schema};
      }
      return list;
    }();
    static constexpr auto kPointers = [] {
      std::array<const picket_command *, kCount> pointers{};
      for (std::uint32_t i = 0; i < kCount; ++i) pointers[i] = &kList[i];
      return pointers;
    }();
    static constexpr picket_commands kTable{sizeof(picket_commands), kCount, kPointers.data(), execute, abandoned};
  };

  // --- picket.reload/1, picket.health/1, picket.history/1 -----------------------------------------------------------

  static picket_status apply(void *self, const picket_config *config, picket_error *error) noexcept {
    return guard(report_to(error), [&]() -> picket_status {
      of(self).check_.control("apply");
      if (config == nullptr) throw Failure("the daemon gave no settings", PICKET_INVALID);
      return static_cast<Reload &>(of(self).instance_).reload(Config(*config)) ? PICKET_OK : PICKET_UNSUPPORTED;
    });
  }
  static constexpr picket_reload kReload{sizeof(picket_reload), 0, apply};

  static void check_health(void *self, picket_health *health) noexcept {
    picket_health answer{};
    answer.size = sizeof answer;
    const auto bad = [&](picket_status, std::string_view message) noexcept {
      answer.state = PICKET_HEALTH_BAD;
      copy_text(answer.message, message);
    };
    guard(bad, [&] {
      of(self).check_.control("health");
      const HealthReport report = static_cast<Health &>(of(self).instance_).health();
      answer.state = report.state;
      copy_text(answer.message, report.message);
    });
    store_table(health, answer);
  }
  static constexpr picket_health_check kHealth{sizeof(picket_health_check), 0, check_health};

  static picket_status series(void *self, picket_str name, picket_history_series_fn fn, void *context,
                              picket_error *error) noexcept {
    return guard(report_to(error), [&]() -> picket_status {
      SeriesReader reader(fn, context);
      static_cast<History &>(of(self).instance_).series(to_view(name), reader);
      return reader.ended() ? PICKET_CANCELLED : PICKET_OK;
    });
  }
  static picket_status points(void *self, uint64_t series, int64_t from_ns, int64_t to_ns, int64_t step_ns,
                              picket_history_points_fn fn, void *context, picket_error *error) noexcept {
    return guard(report_to(error), [&]() -> picket_status {
      PointsReader reader(fn, context);
      static_cast<History &>(of(self).instance_).points(series, from_ns, to_ns, step_ns, reader);
      return reader.ended() ? PICKET_CANCELLED : PICKET_OK;
    });
  }
  static picket_status points_of(void *self, const uint64_t *series, uint32_t count, int64_t from_ns, int64_t to_ns,
                                 int64_t step_ns, picket_history_many_fn fn, void *context,
                                 picket_error *error) noexcept {
    return guard(report_to(error), [&]() -> picket_status {
      ManyPointsReader reader(fn, context);
      static_cast<History &>(of(self).instance_).points_of({series, count}, from_ns, to_ns, step_ns, reader);
      return reader.ended() ? PICKET_CANCELLED : PICKET_OK;
    });
  }
  static constexpr picket_history kHistory{sizeof(picket_history), 0, series, points, points_of};

  // --- picket.message-handler/1 -------------------------------------------------------------------------------------

  static picket_host_messages messages_of(const picket_host &host) noexcept {
    return copy_table(static_cast<const picket_host_messages *>(host.extension(host.self, PICKET_EXT_MESSAGE_HANDLER)));
  }
  Conversation conversation(picket_conversation id) const noexcept { return {host(), messages_, id}; }

  static picket_status opened(void *self, picket_conversation id, const picket_peer *peer,
                              picket_error *error) noexcept {
    return guard(report_to(error), [&] {
      const picket_peer who = copy_table(peer);
      static_cast<MessageHandler &>(of(self).instance_)
          .opened(of(self).conversation(id), {who.uid, who.gid, who.pid, to_view(who.user), to_view(who.server)});
    });
  }
  static picket_status message(void *self, picket_conversation id, picket_str text, picket_error *error) noexcept {
    return guard(report_to(error), [&] {
      static_cast<MessageHandler &>(of(self).instance_).message(of(self).conversation(id), to_view(text));
    });
  }
  static void closed(void *self, picket_conversation id) noexcept {
    guard(of(self).report_to_log("closed"),
          [&] { static_cast<MessageHandler &>(of(self).instance_).closed(of(self).conversation(id)); });
  }
  static constexpr picket_message_handler kMessageHandler{sizeof(picket_message_handler), 0, opened, message, closed};

  picket_host host_;  // our own copy: complete, and at one address for the instance's life
  const picket_host_messages messages_ = messages_of(host_);
  ThreadCheck check_;
  Class instance_;
};

}  // namespace picket::detail

#endif
