// SPDX-License-Identifier: Apache-2.0
//
// recording_lines(): three lists, each in order, become one.
#include <nlohmann/json.hpp>

#include "platform/utc_time.hpp"
#include "routing/event_json.hpp"
#include "routing/ledger.hpp"
#include "routing/recorder/recording.hpp"

namespace picket::routing {
namespace {

using RecordJson = nlohmann::ordered_json;

const char* decision_name(std::uint32_t kind) {
  switch (static_cast<DecisionKind>(kind)) {
    case DecisionKind::offered:
      return "offered";
    case DecisionKind::held:
      return "held";
    case DecisionKind::dropped:
      return "dropped";
    case DecisionKind::finished:
      break;
  }
  return "finished";
}

const char* reason_name(std::uint32_t reason) {
  return reason < static_cast<std::uint32_t>(kDropReasons) ? kDropNames[reason] : "other";
}

std::string text_of(const RecordJson& json) {
  return json.dump(-1, ' ', false, RecordJson::error_handler_t::replace);
}

std::string decision_line(const Decision& decision, const Names& names) {
  RecordJson json{{"record", "decision"},
                  {"time", platform::format_utc(decision.time_ns, 9)},
                  {"decision", decision_name(decision.kind)},
                  {"route", names.text(decision.route)},
                  {"to", names.text(decision.destination)},
                  {"source", names.text(decision.source)},
                  {"sequence", decision.sequence},
                  {"events", decision.events}};
  switch (static_cast<DecisionKind>(decision.kind)) {
    case DecisionKind::offered:
    case DecisionKind::held:
      json["selected"] = decision.selected;
      break;
    case DecisionKind::dropped:
      json["dropped"] = decision.dropped;
      json["reason"] = reason_name(decision.detail);
      break;
    case DecisionKind::finished:
      json["selected"] = decision.selected;
      if (decision.refused != 0) json["refused"] = decision.refused;
      if (decision.absorbed != 0) json["absorbed"] = decision.absorbed;
      if (decision.dropped != 0) json["dropped"] = decision.dropped;
  }
  return text_of(json);
}

RecordJson head_of(std::int64_t wall_ns, const Recorder::Contents& contents) {
  RecordJson json{{"record", "recorder"}, {"time", platform::format_utc(wall_ns, 3)}};
  if (contents.left_out != 0) json["left_out"] = contents.left_out;
  return json;
}

}  // namespace

LineCounts recording_lines(const Recorder::Contents& contents, const Names& names,
                           const std::function<void(std::string_view)>& out) {
  LineCounts counts;
  const auto write = [&](std::string_view line) {
    ++counts.lines;
    out(line);
  };
  auto batch = contents.batches.begin();
  auto decision = contents.decisions.begin();
  auto line = contents.lines.begin();
  std::string text;
  const auto serial_of = [](const auto& it, const auto& list) { return it == list.end() ? UINT64_MAX : it->serial; };
  while (true) {
    const std::uint64_t of_batch = serial_of(batch, contents.batches);
    const std::uint64_t of_decision = serial_of(decision, contents.decisions);
    const std::uint64_t of_line = serial_of(line, contents.lines);
    if (batch != contents.batches.end() && of_batch <= of_decision && of_batch <= of_line) {
      const picket_batch& events = *batch->batch;
      for (std::uint32_t i = 0; i < events.event_count; ++i) {
        text.clear();
        append_event_json(events, events.events[i], names, text);
        write(text);
        ++counts.events;
      }
      ++batch;
    } else if (decision != contents.decisions.end() && of_decision <= of_line) {
      write(decision_line(*decision, names));
      ++decision;
    } else if (line != contents.lines.end()) {
      // A record of the log is an object; it only lacks the key that says so.
      text = R"({"record":"log",)";
      text += std::string_view(line->text).substr(1);
      write(text);
      ++line;
    } else {
      return counts;
    }
  }
}

std::string recording_head(std::int64_t wall_ns, std::string_view reason, const Recorder::Contents& contents) {
  RecordJson json = head_of(wall_ns, contents);
  json["reason"] = reason;
  return text_of(json);
}

std::string recording_head(const CrashReason& reason, const Recorder::Contents& contents) {
  RecordJson json = head_of(reason.wall_ns, contents);
  json["reason"] = "crash";
  json["signal"] = reason.signal;
  json["code"] = reason.code;
  json["address"] = reason.address;
  json["process"] = reason.process;
  json["thread"] = reason.thread;
  return text_of(json);
}

}  // namespace picket::routing
