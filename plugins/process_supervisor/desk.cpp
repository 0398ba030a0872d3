// SPDX-License-Identifier: Apache-2.0
#include "desk.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "signals.hpp"

namespace picket::process_supervisor {
namespace {

using Json = nlohmann::ordered_json;

std::string dumped(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Up, or it is clear that it will not be by itself soon.
bool has_come(const Program& program, std::uint64_t starts) {
  if (program.starts() <= starts && !is_settled(program.state())) {
    // It waits, for another start or for what it requires; a failure in between is an answer.
    return program.state() == State::backoff && program.failures() > 0;
  }
  if (program.settings().task) return is_settled(program.state()) || program.failures() > 0;
  return is_up(program.state()) || is_settled(program.state()) || program.failures() > 0;
}

bool is_well(const Program& program, bool up) {
  if (!up) return is_down(program.state());
  return program.settings().task ? program.state() == State::exited || is_up(program.state()) : is_up(program.state());
}

}  // namespace

Desk::Desk(Host host, Fleet& fleet, Watcher& watcher) : host_(host), fleet_(fleet), watcher_(watcher) {}

void Desk::execute(std::string_view command, std::string_view args_json, Reply&& reply) {
  const Json args = args_json.empty() ? Json::object() : Json::parse(args_json, nullptr, false);
  if (!args.is_object()) return reply.fail("the argument must be an object", PICKET_INVALID);
  if (command == "signal") return signal(args, std::move(reply));
  const std::string name = args.value("program", "all");
  const std::vector<Program*> programs = fleet_.select(name);
  const auto problem = fleet_.settings().problems.find(name);
  if (programs.empty() && name != "all") {
    if (problem != fleet_.settings().problems.end()) {
      return reply.fail("the settings of \"" + name + "\" are wrong: " + problem->second, PICKET_INVALID);
    }
    return reply.fail("there is no program or group \"" + name + "\"; `status` lists them", PICKET_NOT_FOUND);
  }
  if (command == "status") return reply.ok(status(programs, name == "all"));
  if (command == "why") {
    Json list = Json::array();
    for (const Program* const program : programs) list.push_back(program->why());
    return reply.ok(dumped(Json{{"programs", std::move(list)}}));
  }
  if (command == "logs") return reply.ok(logs(programs, args.value("lines", std::size_t{50})));
  if (command == "rotate") {
    for (const Program* const program : programs) {
      if (program->started()) fleet_.processes().rotate(program->id());
    }
    return reply.ok("null");
  }
  start_stop(command, args, programs, std::move(reply));
}

void Desk::start_stop(std::string_view command, const Json& args, const std::vector<Program*>& programs,
                      Reply&& reply) {
  const std::string alert = args.value("alert", "");
  if (!alert.empty() && alert != "raised") return reply.ok(R"({"programs": []})");
  const bool waits = args.value("wait", false);
  if (waits && waits_.size() >= kMostWaits) {
    return reply.fail("256 callers wait already; ask without wait", PICKET_LIMIT);
  }
  const std::string reason = args.value("reason", "");
  StopWish wish{reason.empty() ? "command" : reason, args.value("drain", false), args.value("now", false)};
  Wait wait{command == "stop" ? Goal::down : Goal::up, {}, std::move(reply)};
  for (Program* const program : programs) {
    const bool up = is_up(program->state());
    const bool again = command == "restart" && program->state() != State::backoff;
    // A start of what is up changes nothing, so there is no other start to wait for.
    wait.programs.push_back({program->name(), up && !again ? program->starts() - 1 : program->starts()});
    if (command == "start") {
      program->start("command");
    } else if (command == "stop") {
      program->stop(wish);
    } else {
      program->restart(cause_of(args.value("cause", "command")).value_or(Cause::command), wish);
    }
  }
  if (!waits || done(wait)) return wait.reply.ok(outcome(wait));
  waits_.push_back(std::move(wait));
}

bool Desk::done(const Wait& wait) const {
  return std::all_of(wait.programs.begin(), wait.programs.end(), [&](const Waited& one) {
    const Program* const program = fleet_.find(one.name);
    if (program == nullptr) return true;
    return wait.goal == Goal::down ? is_down(program->state()) : has_come(*program, one.starts);
  });
}

std::string Desk::outcome(const Wait& wait) const {
  Json list = Json::array();
  for (const Waited& one : wait.programs) {
    const Program* const program = fleet_.find(one.name);
    if (program == nullptr) continue;
    list.push_back({{"program", one.name},
                    {"state", name_of(program->state())},
                    {"well", is_well(*program, wait.goal == Goal::up)},
                    {"note", program->note()}});
  }
  return dumped(Json{{"programs", std::move(list)}});
}

// Looked at later: a program changes in the middle of what it does.
void Desk::changed() {
  if (waits_.empty() || look_ != 0) return;
  look_ = fleet_.agenda().after(0, [this] {
    look_ = 0;
    for (std::size_t at = 0; at < waits_.size();) {
      if (!done(waits_[at])) {
        ++at;
        continue;
      }
      waits_[at].reply.ok(outcome(waits_[at]));
      waits_.erase(waits_.begin() + static_cast<std::ptrdiff_t>(at));
    }
  });
}

void Desk::abandoned(picket_call call) {
  std::erase_if(waits_, [call](const Wait& wait) { return wait.reply.call() == call; });
}

void Desk::signal(const Json& args, Reply&& reply) {
  const std::string name = args.value("program", ""), word = args.value("signal", "");
  const auto number = signal_number(word);
  if (!number) return reply.fail("there is no signal \"" + word + "\"", PICKET_INVALID);
  std::size_t heard = 0;
  if (const auto watched = watcher_.signal(name, *number)) {
    heard = *watched;
  } else {
    const std::vector<Program*> programs = fleet_.select(name);
    if (programs.empty()) {
      return reply.fail("there is no program, group or watch \"" + name + "\"; `status` lists them", PICKET_NOT_FOUND);
    }
    for (Program* const program : programs) heard += program->signal(*number, args.value("tree", false)) ? 1 : 0;
  }
  if (heard == 0) return reply.fail("nothing of \"" + name + "\" runs", PICKET_FAILED);
  reply.ok(dumped(Json{{"signal", signal_name(*number)}, {"sent", heard}}));
}

std::string Desk::logs(const std::vector<Program*>& programs, std::size_t lines) const {
  struct Row {
    std::int64_t time_ns;
    const Program* program;
    const OutputLine* line;
  };
  std::vector<Row> rows;
  for (const Program* const program : programs) {
    program->last_lines().each_of_last(lines, [&](const OutputLine& line) {
      rows.push_back({line.time_ns, program, &line});
    });
  }
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.time_ns < b.time_ns; });
  Json list = Json::array();
  for (const Row& row : rows) {
    list.push_back({{"time_ns", row.time_ns},
                    {"program", row.program->name()},
                    {"stream", row.line->error ? "stderr" : "stdout"},
                    {"text", row.line->text}});
  }
  return dumped(Json{{"lines", std::move(list)}});
}

std::string Desk::status(const std::vector<Program*>& programs, bool all) const {
  Json list = Json::array();
  for (const Program* const program : programs) list.push_back(program->to_json());
  Json json{{"programs", std::move(list)}};
  if (!all) return dumped(json);
  json["watched"] = watcher_.to_json();
  json["problems"] = fleet_.settings().problems;
  json["groups"] = fleet_.settings().groups;
  json["holder"] = fleet_.holder_ready();
  json["risk"] = fleet_.risk();
  return dumped(json);
}

}  // namespace picket::process_supervisor
