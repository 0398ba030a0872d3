// SPDX-License-Identifier: Apache-2.0
#include "outlet.hpp"

#include <algorithm>

namespace picket::process_supervisor {
namespace {

constexpr std::uint32_t kFieldsOfLine = 5;
constexpr std::uint32_t kMostLinesAtOnce = 16'384;

}  // namespace

Outlet::Outlet(Host host, Processes& processes, Reporter& reporter, ProgramId id, Name program, const Output& settings,
               Line on_line)
    : host_(host),
      processes_(processes),
      reporter_(reporter),
      id_(id),
      program_(program),
      settings_(settings),
      on_line_(std::move(on_line)) {}

void Outlet::output(const ProgramOutput& output, std::int64_t pid) {
  if (output.stream > PICKET_STDERR) return;
  Stream& stream = streams_[output.stream];
  const std::string_view data = to_view(output.data);
  const std::int64_t time_ns = output.time_ns != 0 ? output.time_ns : host_.wall_ns();
  stream.handled = output.offset + data.size() + output.dropped;
  const bool gap = (output.flags & PICKET_OUTPUT_GAP) != 0, end = (output.flags & PICKET_OUTPUT_END) != 0;
  const Words& words = reporter_.words();
  if (gap) {
    reporter_.tell_gap(program_, output.stream == PICKET_STDERR ? words.standard_error : words.standard_output,
                       output.dropped);
  }
  emit(output.stream, data, gap || end, time_ns, pid);
  stream.ended = stream.ended || end;
}

void Outlet::flush(std::int64_t pid) {
  for (const std::uint32_t stream : {PICKET_STDOUT, PICKET_STDERR}) {
    emit(stream, {}, true, host_.wall_ns(), pid);
    streams_[stream].ended = true;
  }
}

void Outlet::emit(std::uint32_t stream, std::string_view data, bool last, std::int64_t time_ns, std::int64_t pid) {
  Stream& from = streams_[stream];
  const bool error = stream == PICKET_STDERR;
  const Words& words = reporter_.words();
  std::optional<Batch> batch;
  const auto fill = [&](std::string_view text, bool cut) {
    if (!batch) return false;
    EventBuilder event = batch->add(words.log);
    event.time(time_ns)
        .severity(error ? settings_.error_severity : settings_.severity)
        .set(words.message, text)
        .set(words.program, program_)
        .set(words.stream, error ? words.standard_error : words.standard_output)
        .set(words.pid, pid);
    if (cut) event.set(words.cut, true);
    return static_cast<bool>(event);
  };
  std::size_t left = data.size() + from.splitter.rest();
  const auto line = [&](std::string_view text, bool cut) {
    if (on_line_) on_line_(time_ns, error, text);
    if (settings_.events && !fill(text, cut)) {
      if (batch) hand_on(std::move(*batch), stream, 0);
      const auto lines = std::min<std::size_t>(
          kMostLinesAtOnce, static_cast<std::size_t>(std::count(data.begin(), data.end(), '\n')) + 2);
      // Bytes that are no UTF-8 grow when they are replaced; if that is too much, the next batch takes the rest.
      batch.emplace(host_, static_cast<std::uint32_t>(lines), static_cast<std::uint32_t>(lines) * kFieldsOfLine,
                    static_cast<std::uint32_t>(std::max(left, text.size()) + 64));
      fill(text, cut);
    }
    left -= std::min(left, text.size());
  };
  from.splitter.add(data, line);
  if (last) from.splitter.flush(line);
  const std::uint64_t done = from.handled - std::min<std::uint64_t>(from.handled, from.splitter.rest());
  if (batch) return hand_on(std::move(*batch), stream, done);
  // Behind what waits it must not be acknowledged.
  if (idle()) processes_.acknowledge_output(id_, stream, done);
}

void Outlet::hand_on(Batch batch, std::uint32_t stream, std::uint64_t offset) {
  ++waiting_;
  reporter_.lines(std::move(batch), [this, alive = alive_, stream, offset] {
    if (!*alive) return;
    --waiting_;
    if (offset > 0) processes_.acknowledge_output(id_, stream, offset);
  });
}

}  // namespace picket::process_supervisor
