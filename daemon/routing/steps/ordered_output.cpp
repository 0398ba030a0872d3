// SPDX-License-Identifier: Apache-2.0
#include "routing/steps/ordered_output.hpp"

namespace picket::routing {

void OrderedOutput::begin(const Events& in, Output& out) {
  begin(out);
  in_ = &in;
}

void OrderedOutput::begin(Output& out) {
  if (open_) writer_ = EventWriter();
  open_ = true;
  writing_ = false;
  passed_.clear();
  in_ = nullptr;
  out_ = &out;
  writer_.begin_batch(out);
}

void OrderedOutput::pass(std::uint32_t position) {
  if (writing_)
    writer_.copy(in_->batch(), (*in_)[position]);
  else
    passed_.push_back(in_->index(position));
}

EventWriter& OrderedOutput::writer() {
  if (!writing_) {
    writing_ = true;
    for (const std::uint32_t index : passed_) writer_.copy(in_->batch(), in_->batch().events[index]);
  }
  return writer_;
}

void OrderedOutput::flush_large() {
  if (writer_.event_count() >= kLargeBatch) writer_.flush();
}

void OrderedOutput::end() {
  if (writing_) {
    writer_.flush();
  } else if (in_ != nullptr && !passed_.empty()) {
    if (passed_.size() == in_->count()) {
      out_->pass(*in_);
    } else {
      out_->pass(*in_, passed_);
    }
  }
  open_ = false;
}

}  // namespace picket::routing
