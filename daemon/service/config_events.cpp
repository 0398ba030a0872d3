// SPDX-License-Identifier: Apache-2.0
#include "service/config_events.hpp"

#include <algorithm>
#include <string>

#include "picket/batch.h"
#include "routing/batch.hpp"

namespace picket::service {
namespace {

std::uint32_t config_severity(ConfigNotice::Outcome outcome) {
  switch (outcome) {
    case ConfigNotice::Outcome::refused:
      return PICKET_SEVERITY_ERROR;
    case ConfigNotice::Outcome::rolled_back:
      return PICKET_SEVERITY_WARNING;
    case ConfigNotice::Outcome::applied:
    case ConfigNotice::Outcome::confirmed:
      break;
  }
  return PICKET_SEVERITY_NOTICE;
}

std::string config_message(const ConfigNotice& notice) {
  const std::string generation = "configuration " + std::to_string(notice.generation);
  switch (notice.outcome) {
    case ConfigNotice::Outcome::refused:
      return "a new configuration was refused; " + generation + " stays in force";
    case ConfigNotice::Outcome::rolled_back:
      return "rolled back; " + generation + " is in force and is the one from before";
    case ConfigNotice::Outcome::confirmed:
      return generation + " was confirmed";
    case ConfigNotice::Outcome::applied:
      break;
  }
  return generation + " is in force";
}

}  // namespace

ConfigEvents::~ConfigEvents() {
  for (picket_batch* batch : waiting_) routing::batch_release(batch);
}

void ConfigEvents::emit(const ConfigNotice& notice) {
  ++counts_[static_cast<std::size_t>(notice.outcome)];
  if (picket_batch* const batch = make(notice)) waiting_.push_back(batch);
  retry();
  if (waiting_.size() <= kMaxWaiting) return;
  routing::batch_release(waiting_.front());
  waiting_.pop_front();
  core_.log.write(LogLevel::warning, "", "an event about the configuration is lost: a queue that blocks is full");
}

void ConfigEvents::retry() {
  while (!waiting_.empty()) {
    const picket_status status = core_.router.emit(source_, 0, waiting_.front(), 0, {});
    if (status == PICKET_BUSY) return;
    if (status != PICKET_OK) routing::batch_release(waiting_.front());
    waiting_.pop_front();
  }
}

picket_batch* ConfigEvents::make(const ConfigNotice& notice) const {
  picket_batch* const batch = routing::batch_new(1, 16, 8 * 1024);
  if (batch == nullptr) return nullptr;
  picket_event* const event = picket_batch_event(batch, core_.names.intern("config"));
  event->severity = config_severity(notice.outcome);
  const auto text = [&](const char* key, std::string_view value) {
    picket_batch_text(batch, core_.names.intern(key), picket_str_of(value.data(), value.size()));
  };
  const auto number = [&](const char* key, std::uint64_t value) {
    picket_batch_int(batch, core_.names.intern(key), static_cast<std::int64_t>(value));
  };
  text("name", "picket.config");
  text("message", config_message(notice));
  text("outcome", to_string(notice.outcome));
  number("generation", notice.generation);
  text("hash", notice.hash);
  const bool changed =
      notice.outcome == ConfigNotice::Outcome::applied || notice.outcome == ConfigNotice::Outcome::rolled_back;
  if (changed) {
    number("started", notice.changes.started.size());
    number("stopped", notice.changes.stopped.size());
    number("restarted", notice.changes.restarted.size());
    number("reconfigured", notice.changes.reconfigured.size());
    number("rewired", notice.changes.rewired.size());
  }
  if (!notice.problems.empty()) {
    std::string problems;
    for (std::size_t i = 0; i < std::min(notice.problems.size(), kMaxProblems); ++i) {
      const std::string line = notice.problems[i].substr(0, notice.problems[i].find('\n'));
      std::size_t cut = std::min(line.size(), kMaxProblemLine);
      while (cut > 0 && cut < line.size() && (static_cast<unsigned char>(line[cut]) & 0xc0U) == 0x80U) --cut;
      problems += (problems.empty() ? "" : "\n") + line.substr(0, cut);
    }
    number("problem_count", notice.problems.size());
    text("problems", problems);
  }
  return batch;
}

}  // namespace picket::service
