// SPDX-License-Identifier: Apache-2.0
#include "reporter.hpp"

#include <algorithm>

namespace picket::process_supervisor {

Words::Words(Host host)
    : process(host.name("process")),
      log(host.name("log")),
      metric(host.name("metric")),
      name(host.name("name")),
      value(host.name("value")),
      message(host.name("message")),
      program(host.name("program")),
      pid(host.name("process.pid")),
      state(host.name("state")),
      from(host.name("from")),
      reason(host.name("reason")),
      stream(host.name("stream")),
      cut(host.name("cut")),
      standard_output(host.name("stdout")),
      standard_error(host.name("stderr")),
      state_event(host.name("picket.program.state")),
      exit_event(host.name("picket.program.exit")),
      dropped(host.name("dropped_bytes")),
      gap_event(host.name("picket.program.output_gap")),
      kind(host.name("kind")) {}

Reporter::Reporter(Host host)
    : host_(host),
      words_(host),
      lost_notices_(host, "lost_notices", "{event}", "Changes of state and ends that found no room on the bus."),
      left_out_metrics_(host, "left_out_metrics", "{tick}", "Rounds of metrics that found no room on the bus.") {}

void Reporter::tell(const TransitionNotice& notice) {
  const std::string message = std::string(host_.text(notice.program)) + ": " + std::string(notice.from) + " -> " +
                              std::string(notice.to) + ": " + std::string(notice.reason);
  Batch batch(host_, 1, 8, static_cast<std::uint32_t>(message.size() + notice.reason.size() + 64));
  EventBuilder event = batch.add(words_.process);
  event.severity(notice.severity)
      .set(words_.name, words_.state_event)
      .set(words_.message, message)
      .set(words_.program, notice.program)
      .set(words_.state, notice.to)
      .set(words_.from, notice.from)
      .set(words_.reason, notice.reason);
  if (notice.pid > 0) event.set(words_.pid, notice.pid);
  emit(std::move(batch), nullptr);
}

void Reporter::tell(const ExitNotice& notice) {
  const std::size_t texts = notice.message.size() + notice.cause.size() + notice.status.size() + notice.signal.size() +
                            notice.lines.size() + notice.counters.size() + notice.settings.size();
  Batch batch(host_, 1, 24, static_cast<std::uint32_t>(texts + 64));
  EventBuilder event = batch.add(words_.process);
  const bool bad = !notice.asked && (notice.signalled || notice.code != 0 || !notice.known);
  event.severity(bad ? Severity::error : Severity::info)
      .set(words_.name, words_.exit_event)
      .set(words_.message, notice.message)
      .set(words_.program, notice.program)
      .set(host_.name("cause"), notice.cause)
      .set(host_.name("status"), notice.status)
      .set(host_.name("asked"), notice.asked);
  if (notice.known) event.set(host_.name(notice.signalled ? "signal_number" : "exit_code"), notice.code);
  if (notice.signalled) event.set(host_.name("signal"), notice.signal);
  if (notice.core) event.set(host_.name("core"), true);
  if (notice.out_of_memory) event.set(host_.name("out_of_memory"), true);
  if (notice.killed > 0) event.set(host_.name("killed"), notice.killed);
  if (notice.pid > 0) event.set(words_.pid, notice.pid);
  event.set(host_.name("uptime"), static_cast<double>(notice.uptime_ns) / 1e9);
  const auto seconds = [&](const char* name, std::int64_t ns) {
    if (ns >= 0) event.set(host_.name(name), static_cast<double>(ns) / 1e9);
  };
  const auto bytes = [&](const char* name, std::int64_t count) {
    if (count >= 0) event.set(host_.name(name), count);
  };
  seconds("cpu.user", notice.user_ns);
  seconds("cpu.system", notice.system_ns);
  bytes("memory.peak", notice.peak_memory);
  bytes("disk.read", notice.read_bytes);
  bytes("disk.written", notice.written_bytes);
  event.set(host_.name("settings"), notice.settings);
  if (!notice.lines.empty()) event.set_json(host_.name("last_lines"), notice.lines);
  if (!notice.counters.empty()) event.set_json(host_.name("counters"), notice.counters);
  emit(std::move(batch), nullptr);
}

void Reporter::tell_gap(Name program, Name stream, std::uint64_t bytes) {
  const std::string message = std::string(host_.text(program)) + ": " + std::to_string(bytes) +
                              " bytes of its output were dropped here, for there was no room for them";
  Batch batch(host_, 1, 6, static_cast<std::uint32_t>(message.size() + 16));
  batch.add(words_.log)
      .severity(Severity::warning)
      .set(words_.name, words_.gap_event)
      .set(words_.message, message)
      .set(words_.program, program)
      .set(words_.stream, stream)
      .set(words_.dropped, bytes);
  emit(std::move(batch), nullptr);
}

void Reporter::lines(Batch batch, std::function<void()> taken) {
  emit(std::move(batch), std::move(taken));
}

bool Reporter::metrics(Batch batch) {
  if (waiting_.empty() && batch.emit() != PICKET_BUSY) return true;
  left_out_metrics_.add();
  return false;
}

bool Reporter::try_emit(Pending& pending) {
  const picket_status status = pending.batch.emit();
  if (status == PICKET_BUSY) return false;
  if (status < 0 && status != PICKET_CANCELLED) {
    host_.error("the host refused events with status " + std::to_string(status));
  }
  if (pending.taken && status == PICKET_OK) pending.taken();
  return true;
}

void Reporter::emit(Batch batch, std::function<void()> taken) {
  Pending pending{std::move(batch), std::move(taken)};
  if (waiting_.empty() && try_emit(pending)) return;
  if (!pending.taken) ++notices_;
  waiting_.push_back(std::move(pending));
  if (notices_ <= kMostNotices) return;
  const auto oldest = std::find_if(waiting_.begin(), waiting_.end(), [](const Pending& one) { return !one.taken; });
  waiting_.erase(oldest);
  --notices_;
  lost_notices_.add();
}

void Reporter::on_ready() {
  while (!waiting_.empty()) {
    if (!try_emit(waiting_.front())) return;
    if (!waiting_.front().taken) --notices_;
    waiting_.pop_front();
  }
}

}  // namespace picket::process_supervisor
