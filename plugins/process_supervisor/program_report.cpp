// SPDX-License-Identifier: Apache-2.0
//
// What the mechanism says of one program's process, and what the program says of itself.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "duration_text.hpp"
#include "fleet.hpp"
#include "launch.hpp"
#include "program.hpp"

namespace picket::process_supervisor {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kRestIsTold = 2'000'000'000;  // ns
constexpr std::size_t kLinesInRecord = 6'000;        // bytes; a history keeps 16 KiB of an event

ExitStatus status_of(const ProgramExit& exit) {
  return {exit.how == PICKET_EXIT_SIGNAL, exit.value, (exit.flags & PICKET_EXIT_CORE) != 0,
          (exit.flags & PICKET_EXIT_OOM) != 0};
}

std::string how_of(const std::optional<ProgramExit>& exit) {
  if (!exit || exit->how == PICKET_EXIT_UNKNOWN) return "ended, and nobody knows how";
  return describe(status_of(*exit));
}

Cause own_cause_of(const std::optional<ProgramExit>& exit) {
  if (!exit || exit->how == PICKET_EXIT_UNKNOWN) return Cause::lost;
  if ((exit->flags & PICKET_EXIT_OOM) != 0) return Cause::out_of_memory;
  return exit->how == PICKET_EXIT_SIGNAL ? Cause::crash : Cause::exit;
}

std::string members_text(std::span<const ProcessMember> members, std::uint32_t count) {
  std::string text;
  constexpr std::size_t kShown = 8;
  for (std::size_t at = 0; at < std::min(members.size(), kShown); ++at) {
    text +=
        (at == 0 ? "" : ", ") + std::string(to_view(members[at].name)) + " (" + std::to_string(members[at].pid) + ")";
  }
  return count > kShown ? text + " and " + std::to_string(count - kShown) + " more" : text;
}

}  // namespace

// --- from the mechanism ----------------------------------------------------------------------------------------------

std::string Program::blob(bool up) const {
  Json json{{"settings", started_as_}, {"up", up}, {"failures", failures_}, {"starts", starts_}};
  for (std::size_t i = 0; i < kCauses; ++i) {
    if (restarts_[i] > 0) json["restarts"][std::string(name_of(static_cast<Cause>(i)))] = restarts_[i];
  }
  return json.dump();
}

void Program::read_blob(std::string_view blob) {
  const Json json = Json::parse(blob, nullptr, false);
  if (!json.is_object()) return;
  const auto number = [](const Json& object, const char* key) -> std::uint64_t {
    const auto found = object.find(key);
    return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
  };
  if (const auto settings = json.find("settings"); settings != json.end() && settings->is_string()) {
    started_as_ = settings->get<std::string>();
  }
  failures_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(number(json, "failures"), 1'000'000));
  starts_ = std::max(starts_, number(json, "starts"));
  if (const auto restarts = json.find("restarts"); restarts != json.end() && restarts->is_object()) {
    for (std::size_t i = 0; i < kCauses; ++i) {
      const std::string cause(name_of(static_cast<Cause>(i)));
      restarts_[i] = std::max(restarts_[i], number(*restarts, cause.c_str()));
    }
  }
}

void Program::on_found(const ProgramInfo& info) {
  const bool again = id_ == info.program && !is_down(state_);
  id_ = info.program;
  leader_ = info.leader;
  started_ns_ = std::max<std::int64_t>(info.started_ns, 1);
  started_wall_ns_ = info.started_wall_ns;
  if (again && state_ != State::starting) return;
  read_blob(to_view(info.blob));
  wanted_ = true;
  const bool was_up = to_view(info.blob).find("\"up\":true") != std::string_view::npos;
  drive(Event::found, "an earlier daemon started it");
  if (info.state != PICKET_PROGRAM_RUNNING) return;  // its end is told next
  const bool looks = settings_.ready.kind == Check::Kind::port || settings_.ready.kind == Check::Kind::http ||
                     settings_.ready.kind == Check::Kind::command || settings_.ready.kind == Check::Kind::file;
  if (was_up || !looks) {
    drive(Event::ready, "runs since before this daemon");
  } else {
    begin_readiness();
  }
  if (started_as_ != fingerprint_) restart(Cause::settings, {"its settings changed while no daemon ran"});
}

void Program::on_started(const ProcessIdentity& leader) {
  leader_ = leader;
  started_ns_ = fleet_.agenda().now_ns();
  if (state_ == State::starting) begin_readiness();
}

void Program::on_start_failed(const ProgramFailure& failure) {
  if (is_down(state_)) return;
  id_ = 0;  // it is forgotten already
  start_failed(std::string(to_view(failure.message)));
}

void Program::on_exited(const ProgramExit& exit) {
  exit_ = exit;
  end_checks();
  // Now its tree is empty, or whoever is left is told. One that ended while no daemon was there may be told of as ended
  // only: then it is for us to end the rest.
  late_ = fleet_.agenda().after(kRestIsTold, [this] {
    late_ = 0;
    if (!is_down(state_)) drive(Event::ended, how_of(exit_) + "; what is left of it is ended");
  });
}

void Program::on_stragglers(std::span<const ProcessMember> members, std::uint32_t count) {
  const std::string who =
      std::to_string(count) + (count == 1 ? " process" : " processes") + " of it: " + members_text(members, count);
  if (state_ != State::stopping) {
    return drive(Event::ended, how_of(exit_) + "; that leaves " + who);
  }
  if (drain_limit_ != 0) return end_tree();  // it drained to its end; now the rest
  fleet_.host().warning(name() + ": not ended within " + duration_text(settings_.stop_timeout_ns) +
                        " and killed: " + who);
  drive(Event::overdue, who);
}

void Program::on_emptied(const ProgramTreeEnd& end) {
  if (is_down(state_)) return;
  const std::string how = how_of(exit_);
  const Cause own_cause = own_cause_of(exit_);
  const auto& codes = settings_.success_codes;
  const bool success =
      exit_ && exit_->how == PICKET_EXIT_CODE && std::find(codes.begin(), codes.end(), exit_->value) != codes.end();
  tell_exit(how, own_cause, end);
  gone(how, own_cause, success);
}

void Program::on_measured(const ProgramUsage& usage, std::int64_t time_ns) {
  if (is_down(state_)) return;
  usage_ = usage;
  const std::int64_t cpu = usage.user_ns < 0 || usage.system_ns < 0 ? -1 : usage.user_ns + usage.system_ns;
  measurements_.add({time_ns, cpu, usage.memory, usage.processes, usage.read_bytes, usage.written_bytes},
                    fleet_.record_ns());
}

void Program::on_request_failed(const ProgramFailure& failure) {
  fleet_.host().warning(name() + ": " + std::string(to_view(failure.message)));
}

// --- what it says ----------------------------------------------------------------------------------------------------

std::string Program::last_lines_json(std::size_t bytes) const {
  Json lines = Json::array();
  std::deque<const OutputLine*> kept;
  std::size_t size = 0;
  last_lines_.each_of_last(settings_.launch.output.last_lines, [&](const OutputLine& line) {
    kept.push_back(&line);
    size += line.text.size();
    while (size > bytes && kept.size() > 1) {
      size -= kept.front()->text.size();
      kept.pop_front();
    }
  });
  for (const OutputLine* const line : kept) {
    lines.push_back(line->text.substr(0, detail::whole_utf8(line->text, bytes)));
  }
  return lines.empty() ? "" : lines.dump();
}

void Program::tell_exit(const std::string& how, Cause own_cause, const ProgramTreeEnd& end) {
  ExitNotice notice;
  notice.program = word_;
  notice.status = how;
  const bool asked = cause_.has_value() || !wanted_;
  notice.asked = asked;
  notice.cause = cause_ ? name_of(*cause_) : wanted_ ? name_of(own_cause) : "stop";
  const auto& codes = settings_.success_codes;
  const bool good =
      exit_ && exit_->how == PICKET_EXIT_CODE && std::find(codes.begin(), codes.end(), exit_->value) != codes.end();
  notice.message = name() + " " + how + (asked || good ? "" : ", which nobody asked for");
  notice.pid = leader_.pid;
  notice.known = exit_ && exit_->how != PICKET_EXIT_UNKNOWN;
  if (exit_) {
    const ExitStatus status = status_of(*exit_);
    notice.signalled = status.signalled;
    notice.core = status.core;
    notice.out_of_memory = status.out_of_memory;
    notice.code = status.code;
    if (status.signalled) notice.signal = signal_name(status.code);
    notice.user_ns = exit_->user_ns;
    notice.system_ns = exit_->system_ns;
    notice.peak_memory = exit_->peak_memory;
  }
  if (usage_) {
    notice.peak_memory = std::max(notice.peak_memory, usage_->peak_memory);
    notice.read_bytes = usage_->read_bytes;
    notice.written_bytes = usage_->written_bytes;
  }
  // It may have ended long ago, while no daemon was there.
  notice.uptime_ns =
      exit_ && exit_->ended_ns > started_ns_ && started_ns_ != 0 ? exit_->ended_ns - started_ns_ : uptime_ns();
  notice.killed = end.killed;
  notice.settings = started_as_;
  if (asked && wanted_ == false && !notice.core && !notice.out_of_memory && end.killed == 0) {
    // An orderly stop needs no black box.
  } else {
    notice.lines = last_lines_json(kLinesInRecord);
    notice.counters = measurements_.to_json();
  }
  fleet_.reporter().tell(notice);
}

std::string Program::note() const {
  std::string text;
  if (!problem_.empty()) {
    text = "new settings refused: " + problem_;
  } else if (pending_stop_) {
    text = "waits for those that require it to be down";
  } else if (state_ == State::backoff) {
    text = hold();
    if (text.empty()) text = "waits for its turn among the starts after failures";
    if (after_failure_ && !transitions_.empty()) text += "; " + transitions_.back().reason;
  } else if (state_ == State::starting) {
    text = last_problem_.empty() ? "waits for its readiness" : "not ready: " + last_problem_;
  } else if (state_ == State::stopping) {
    text = drain_limit_ != 0 ? "drains" : "waits for its end";
  } else if (state_ == State::degraded) {
    text = last_problem_;
  } else if (!is_up(state_) && !transitions_.empty()) {
    text = transitions_.back().reason;
  } else {
    text = status_text_;
  }
  return text;
}

Json Program::to_json() const {
  Json json{{"program", name()}, {"state", name_of(state_)}, {"note", note()}, {"wanted", wanted_}};
  json["for_s"] = static_cast<double>(fleet_.agenda().now_ns() - since_ns_) / 1e9;
  if (leader_.pid > 0) json["pid"] = leader_.pid;
  if (started_ns_ != 0) json["uptime_s"] = static_cast<double>(uptime_ns()) / 1e9;
  json["starts"] = starts_;
  std::uint64_t sum = 0;
  Json causes = Json::object();
  for (std::size_t i = 0; i < kCauses; ++i) {
    sum += restarts_[i];
    if (restarts_[i] > 0) causes[std::string(name_of(static_cast<Cause>(i)))] = restarts_[i];
  }
  json["restarts"] = sum;
  json["restarts_by_cause"] = std::move(causes);
  json["failures_in_a_row"] = failures_;
  if (usage_) {
    if (usage_->user_ns >= 0) json["cpu_s"] = static_cast<double>(usage_->user_ns + usage_->system_ns) / 1e9;
    if (usage_->memory >= 0) json["memory"] = usage_->memory;
    json["processes"] = usage_->processes;
  }
  if (settings_.schedule && next_run_ns_ != 0) {
    const std::int64_t now = settings_.schedule.cron ? fleet_.host().wall_ns() : fleet_.agenda().now_ns();
    json["next_run_s"] = static_cast<double>(next_run_ns_ - now) / 1e9;
    json["skipped_runs"] = skipped_runs_;
  }
  return json;
}

Json Program::why() const {
  Json json = to_json();
  Json list = Json::array();
  for (const Transition& one : transitions_) {
    list.push_back(
        {{"time_ns", one.wall_ns}, {"from", name_of(one.from)}, {"to", name_of(one.to)}, {"reason", one.reason}});
  }
  std::string sentence = name() + " is " + std::string(name_of(state_));
  sentence += " for " + duration_text(fleet_.agenda().now_ns() - since_ns_);
  const std::string now = note(), last = transitions_.empty() ? "" : transitions_.back().reason;
  // What it waits for often names the reason already.
  if (!last.empty() && now.find(last) == std::string::npos) sentence += ": " + last;
  if (!now.empty()) sentence += "; " + now;
  json["why"] = sentence;
  json["transitions"] = std::move(list);
  json["after"] = settings_.after;
  json["requires"] = settings_.requires_;
  return json;
}

}  // namespace picket::process_supervisor
