// SPDX-License-Identifier: Apache-2.0
//
// Hands on some events of a batch as they are and others that a step made, in one order. As long as nothing was made,
// nothing is copied: the batch passes with a selection. Used by steps within one process() or tick().
#pragma once

#include <vector>

#include "routing/steps/event_writer.hpp"

namespace picket::routing {

class OrderedOutput {
 public:
  // Around process(); what a call before it left behind when it threw is dropped.
  void begin(const Events& in, Output& out);
  // Around tick() and finish(), where nothing can pass.
  void begin(Output& out);

  // The event at `position` of the events goes on. Ascending.
  void pass(std::uint32_t position);

  // Where to write an event that comes after all that has passed so far.
  EventWriter& writer();

  // Hands on what has been written so far, if that is much. Keeps batches of many results small.
  void flush_large();

  void end();

 private:
  static constexpr std::uint32_t kLargeBatch = 4'096;  // events

  const Events* in_ = nullptr;
  Output* out_ = nullptr;
  bool open_ = false;
  bool writing_ = false;
  std::vector<std::uint32_t> passed_;  // indices into the batch
  EventWriter writer_;
};

}  // namespace picket::routing
