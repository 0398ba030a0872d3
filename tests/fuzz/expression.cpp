// SPDX-License-Identifier: Apache-2.0
//
// Any text as an expression: it is refused with a place inside the text, or it evaluates, and every way of evaluating
// it agrees. What is said to be impossible is true for no event.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "picket/batch.h"
#include "routing/expression/contradiction.hpp"
#include "routing/expression/decision.hpp"
#include "routing/expression/expression.hpp"
#include "routing/names.hpp"

namespace {

using picket::routing::Expression;
using picket::routing::Filter;
using picket::routing::NamePolicy;
using picket::routing::Names;

constexpr std::uint32_t kEvents = 3;

void require(bool holds) {
  if (!holds) std::abort();
}

picket_str text(std::string_view view) {
  return picket_str_of(view.data(), view.size());
}

class Sample {
 public:
  Sample() {
    batch_.size = sizeof batch_;
    batch_.events = events_.data();
    batch_.fields = fields_.data();
    batch_.bytes = bytes_.data();
    batch_.event_capacity = kEvents;
    batch_.field_capacity = static_cast<std::uint32_t>(fields_.size());
    batch_.byte_capacity = static_cast<std::uint32_t>(bytes_.size());
    for (std::uint32_t index = 0; index < kEvents; ++index) {
      picket_event* const event = picket_batch_event(&batch_, index == 2 ? 0 : names_.intern("metric"));
      event->severity = index * 4;
      event->time_ns = index;
      picket_batch_name(&batch_, names_.intern("name"), names_.intern("cpu"));
      picket_batch_double(&batch_, names_.intern("value"), 0.5 * index);
      picket_batch_int(&batch_, picket_batch_inline_key(&batch_, text("a")), index);
      picket_batch_text(&batch_, names_.intern("message"), text(index == 1 ? "caf\u00e9 12" : "aab"));
      picket_batch_bool(&batch_, names_.intern("b"), index & 1U);
      picket_batch_heap(&batch_, names_.intern("raw"), PICKET_TYPE_BYTES, text("\xFF"));
    }
  }

  const picket_batch& batch() const { return batch_; }
  Names& names() { return names_; }

 private:
  Names names_;
  std::array<picket_event, kEvents> events_ = {};
  std::array<picket_field, kEvents* 6> fields_ = {};
  std::array<char, 1'024> bytes_ = {};
  picket_batch batch_ = {};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Sample sample;
  // Explaining compiles each part anew, so the work grows with the square of the text.
  constexpr std::size_t kLongest = 4'096;
  if (size > kLongest) return 0;
  const std::string_view source(reinterpret_cast<const char*>(data), size);
  const auto expression = Expression::compile(source, sample.names(), NamePolicy::lookup_only);
  if (!expression) {
    const auto& error = expression.error();
    require(!error.message.empty() && error.offset <= size && error.length <= size - error.offset);
    require(!picket::routing::render_caret(source, error).empty());
    return 0;
  }
  for (std::uint32_t index = 0; index < kEvents; ++index) {
    const picket_event& event = sample.batch().events[index];
    const auto type = expression.value().evaluate(sample.batch(), event).type();
    require(expression.value().may_be(type));
    const auto verdicts = expression.value().explain(sample.batch(), event);
    require(verdicts.empty() || verdicts.front().type == type);
    for (const auto& verdict : verdicts) require(verdict.length <= size && verdict.offset <= size - verdict.length);
  }
  const auto filter = Filter::compile(source, sample.names(), NamePolicy::lookup_only);
  if (!filter) return 0;
  std::array<std::uint32_t, kEvents> selection;
  const std::uint32_t count = filter.value().select(sample.batch(), selection.data());
  std::uint32_t matching = 0;
  for (std::uint32_t index = 0; index < kEvents; ++index) {
    const picket_event& event = sample.batch().events[index];
    const auto decision = picket::routing::decide(filter.value().expression(), sample.batch(), event);
    require(decision.outcome == filter.value().test(sample.batch(), event) && !decision.reasons.empty());
    for (const auto& reason : decision.reasons) {
      require(reason.length <= size && reason.offset <= size - reason.length);
      require(!picket::routing::describe(reason).empty());
    }
    if (!filter.value().matches(sample.batch(), event)) continue;
    require(matching < count && selection[matching] == index);
    ++matching;
  }
  require(matching == count);
  const auto contradiction = picket::routing::find_contradiction(filter.value().expression());
  require(!contradiction || (matching == 0 && contradiction->offset + contradiction->length <= size));
  for (const auto& dead : picket::routing::dead_alternatives(filter.value().expression())) {
    require(!dead.message.empty() && dead.offset + dead.length <= size);
  }
  require(picket::routing::implies(filter.value().expression(), filter.value().expression()));
  return 0;
}
