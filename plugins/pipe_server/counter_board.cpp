// SPDX-License-Identifier: Apache-2.0
#include "counter_board.hpp"

#include <algorithm>
#include <cmath>

namespace picket::pipe_server {
namespace {

const char* update_verb(CounterUpdate::Kind kind) {
  switch (kind) {
    case CounterUpdate::Kind::add:
      return "add";
    case CounterUpdate::Kind::set:
      return "set";
    case CounterUpdate::Kind::time:
      return "time";
  }
  return "";
}

bool is_name_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

}  // namespace

bool is_counter_name(std::string_view text, std::size_t longest) {
  if (text.empty() || text.size() > longest || !is_name_letter(text.front())) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_name_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '/' || c == ':';
  });
}

CounterBoard::CounterBoard(Host host, Loop& loop, Publisher& publisher, const Settings& settings)
    : host_(host),
      loop_(loop),
      publisher_(publisher),
      max_series_(static_cast<std::size_t>(settings.counters)),
      max_names_(static_cast<std::size_t>(settings.counter_names)),
      interval_ns_(settings.counter_interval_ns),
      kind_(host.name("metric")),
      name_key_(host.name("name")),
      value_key_(host.name("value")),
      over_limit_(host, "counters.over_limit", "{update}", "Updates of outside counters that a limit refused") {}

CounterBoard::~CounterBoard() {
  if (timer_ != 0) loop_.cancel(timer_);
  publisher_.forget(*this);
}

std::optional<CounterProblem> CounterBoard::check(const CounterUpdate& update) const {
  const auto invalid = [](const char* path, const std::string& message) {
    return CounterProblem{PICKET_INVALID, path, message};
  };
  if (!is_counter_name(update.name, kMaxName)) {
    return invalid("/name", "is no name of a counter: 1 to 200 letters, digits and _ . - / : beginning with a letter");
  }
  if (!std::isfinite(update.value)) return invalid("/value", "is no finite number");
  if (update.value < 0 && update.kind != CounterUpdate::Kind::set) {
    return invalid("/value", "is negative, and what is counted or timed only grows; counter.set goes either way");
  }
  if (update.unit.size() > kMaxKey) return invalid("/unit", "is longer than 64 bytes");
  if (update.help.size() > kMaxText) return invalid("/help", "is longer than 256 bytes");
  if (update.attributes.size() > kMaxAttributes) return invalid("/attributes", "has more than 16 members");
  for (const auto& [key, value] : update.attributes) {
    if (!is_counter_name(key, kMaxKey)) {
      return invalid("/attributes", "has a key that is no name: 1 to 64 letters, digits and _ . - / :");
    }
    if (value.size() > kMaxText) return invalid("/attributes", "has a value that is longer than 256 bytes");
  }
  if (const auto family = families_.find(update.name);
      family != families_.end() && family->second.kind != update.kind) {
    return invalid("/name", std::string("is a counter for `") + update_verb(family->second.kind) + "`, not for `" +
                                update_verb(update.kind) + "`");
  }
  return std::nullopt;
}

// Describes the metrics, so that stores and viewers know units. False when the daemon's table of names is full.
bool CounterBoard::describe(const CounterUpdate& update, Family& family) {
  family.kind = update.kind;
  family.unit = update.kind == CounterUpdate::Kind::time ? "s" : update.unit.empty() ? "1" : update.unit;
  family.help = update.help;
  try {
    const auto metric = [&](const std::string& name, const std::string& unit, Instrument instrument) {
      return host_.describe_metric({name, unit, update.help, instrument, -1});
    };
    if (update.kind == CounterUpdate::Kind::time) {
      family.count = metric(update.name + ".count", "1", Instrument::counter);
      family.sum = metric(update.name + ".sum", "s", Instrument::counter);
      family.minimum = metric(update.name + ".min", "s", Instrument::gauge);
      family.maximum = metric(update.name + ".max", "s", Instrument::gauge);
    } else {
      const bool counts = update.kind == CounterUpdate::Kind::add;
      family.name = metric(update.name, family.unit, counts ? Instrument::counter : Instrument::gauge);
    }
  } catch (const Failure&) {
    return false;
  }
  return true;
}

std::optional<CounterProblem> CounterBoard::update(const CounterUpdate& update) {
  if (auto problem = check(update)) return problem;
  const auto refuse = [this](const char* setting, const std::string& message) {
    over_limit_.add();
    return CounterProblem{PICKET_LIMIT, setting, message};
  };
  auto series = series_.find(Key{update.name, update.attributes});
  if (series == series_.end()) {
    if (series_.size() >= max_series_) return refuse("counters.series", "there are too many counters already");
    if (!families_.contains(update.name)) {
      Family family;
      if (families_.size() >= max_names_ || !describe(update, family)) {
        return refuse("counters.names", "there are too many names of counters already");
      }
      families_.emplace(update.name, std::move(family));
    }
    series = series_.emplace(Key{update.name, update.attributes}, Series{}).first;
    if (timer_ == 0) arm();
  }
  Series& board = series->second;
  if (update.kind == CounterUpdate::Kind::set) {
    board.value = update.value;
    return std::nullopt;
  }
  board.value += update.value;
  if (update.kind == CounterUpdate::Kind::time) {
    board.minimum = board.count == 0 ? update.value : std::min(board.minimum, update.value);
    board.maximum = board.count == 0 ? update.value : std::max(board.maximum, update.value);
    board.round_minimum = board.round_count == 0 ? update.value : std::min(board.round_minimum, update.value);
    board.round_maximum = board.round_count == 0 ? update.value : std::max(board.round_maximum, update.value);
    ++board.count;
    ++board.round_count;
  }
  return std::nullopt;
}

std::vector<CounterRow> CounterBoard::rows() const {
  std::vector<CounterRow> rows;
  rows.reserve(series_.size());
  for (const auto& [key, series] : series_) {
    const Family& family = families_.find(key.first)->second;
    rows.push_back({family.kind, key.first, family.unit, family.help, key.second, series.value, series.minimum,
                    series.maximum, series.count});
  }
  return rows;
}

void CounterBoard::arm() {
  // On whole intervals of the wall clock, as every collector ticks.
  const std::int64_t now = host_.wall_ns();
  timer_ = loop_.call_after(interval_ns_ - now % interval_ns_, [this] {
    timer_ = 0;
    publish();
    arm();
  });
}

bool CounterBoard::emit(Name name, const CounterAttributes& attributes, double value, std::int64_t time_ns) {
  const auto taken = publisher_.append(*this, {1, 20, 512}, [&](picket_batch& batch) {
    picket_event* const event = picket_batch_event(&batch, kind_.id);
    if (event == nullptr) return Publisher::Written::no_room;
    event->time_ns = time_ns;
    bool whole = picket_batch_name(&batch, name_key_.id, name.id) == PICKET_OK &&
                 picket_batch_double(&batch, value_key_.id, value) == PICKET_OK;
    for (const auto& [key, text] : attributes) {
      const std::uint32_t inlined = picket_batch_inline_key(&batch, to_str(key));
      whole = whole && inlined != 0 && picket_batch_text(&batch, inlined, to_str(text)) == PICKET_OK;
    }
    return whole ? Publisher::Written::whole : Publisher::Written::no_room;
  });
  return taken != Publisher::Append::wait;
}

void CounterBoard::publish() {
  const std::int64_t now = host_.wall_ns();
  for (auto& [key, series] : series_) {
    const Family& family = families_.find(key.first)->second;
    if (family.kind != CounterUpdate::Kind::time) {
      if (!emit(family.name, key.second, series.value, now)) return;
      continue;
    }
    if (!emit(family.count, key.second, static_cast<double>(series.count), now)) return;
    if (!emit(family.sum, key.second, series.value, now)) return;
    if (series.round_count == 0) continue;
    if (!emit(family.minimum, key.second, series.round_minimum, now)) return;
    if (!emit(family.maximum, key.second, series.round_maximum, now)) return;
    series.round_count = 0;
  }
}

}  // namespace picket::pipe_server
