// SPDX-License-Identifier: Apache-2.0
//
// write_crash_record(): runs inside a signal handler. It follows pointers of memory that may be damaged; should that
// fault, the process ends as it would have, and what is written so far is a record that was cut.
#include <algorithm>
#include <atomic>
#include <cstring>

#include "routing/recorder/format.hpp"
#include "routing/recorder/recording.hpp"

namespace picket::routing {

// Reads a recorder without asking it.
class CrashView {
 public:
  CrashView(Recorder& recorder, const CrashOutput& output) : recorder_(recorder), output_(output) {}

  // A thread that holds the lock needs it for less than this; the one that crashed would hold it for ever.
  void freeze() {
    constexpr int kPatience = 10'000'000;
    for (int i = 0; i < kPatience && !locked_; ++i) {
      locked_ = !recorder_.locked_.test_and_set(std::memory_order_acquire);
    }
    recorder_.closed_ = true;
  }
  void thaw() {
    if (locked_) recorder_.unlock();
  }

  std::uint64_t left_out() const { return recorder_.left_out_; }

  void names(const Names& names) {
    const std::uint32_t count = names.size();
    std::uint64_t length = 0;
    for (picket_name id = 1; id <= count; ++id) length += sizeof(std::uint16_t) + names.text(id).size();
    section(record_format::kNames, length);
    for (picket_name id = 1; id <= count; ++id) {
      const std::string_view text = names.text(id);
      const auto size = static_cast<std::uint16_t>(text.size());
      put(&size, sizeof size);
      put(text.data(), size);
    }
    flush();
  }

  void lines() {
    section(record_format::kLines, recorder_.used_text_);
    const std::size_t first = std::min(recorder_.used_text_, recorder_.text_size_ - recorder_.first_text_);
    put(recorder_.text_.get() + recorder_.first_text_, first);
    put(recorder_.text_.get(), recorder_.used_text_ - first);
    flush();
  }

  void decisions() {
    const std::size_t used = recorder_.used_decisions_;
    section(record_format::kDecisions, used * sizeof(Decision));
    const std::size_t first = std::min(used, recorder_.decision_count_ - recorder_.first_decision_);
    put(&recorder_.decisions_[recorder_.first_decision_], first * sizeof(Decision));
    put(&recorder_.decisions_[0], (used - first) * sizeof(Decision));
    flush();
  }

  void batches() {
    for (const Recorder::Ring* ring : {&recorder_.latest_, &recorder_.history_}) {
      for (std::size_t i = ring->used; i-- > 0;) {
        if (ring->at(i).batch != nullptr) batch(ring->at(i).serial, *ring->at(i).batch);
      }
    }
    section(record_format::kEnd, 0);
    flush();
  }

  void put(const void* data, std::size_t length) {
    if (length >= sizeof buffer_) {
      flush();
      output_.write(output_.context, data, length);
      return;
    }
    if (used_ + length > sizeof buffer_) flush();
    if (length != 0) std::memcpy(buffer_ + used_, data, length);
    used_ += length;
  }

  void flush() {
    if (used_ != 0) output_.write(output_.context, buffer_, used_);
    used_ = 0;
  }

 private:
  void section(std::uint32_t tag, std::uint64_t length) {
    const record_format::Section head{record_format::kMark, tag, length};
    put(&head, sizeof head);
  }

  void batch(std::uint64_t serial, const picket_batch& batch) {
    const record_format::BatchHead head{serial, batch.event_count, batch.field_count, batch.byte_count, 0};
    const std::uint64_t events = std::uint64_t{head.events} * sizeof(picket_event);
    const std::uint64_t fields = std::uint64_t{head.fields} * sizeof(picket_field);
    section(record_format::kBatch, sizeof head + events + fields + head.bytes);
    put(&head, sizeof head);
    put(batch.events, events);
    put(batch.fields, fields);
    put(batch.bytes, head.bytes);
    flush();  // each batch by itself: the next one may be the one that is damaged
  }

  Recorder& recorder_;
  const CrashOutput& output_;
  bool locked_ = false;
  std::size_t used_ = 0;
  char buffer_[4'096];
};

void write_crash_record(Recorder& recorder, const Names& names, const CrashReason& reason, const CrashOutput& output) {
  if (!recorder.on()) return;
  CrashView view(recorder, output);
  view.freeze();
  record_format::Head head{};
  std::memcpy(head.magic, record_format::kMagic, sizeof head.magic);
  head.version = record_format::kVersion;
  head.byte_order = record_format::kByteOrder;
  head.wall_ns = reason.wall_ns;
  head.address = reason.address;
  head.process = reason.process;
  head.thread = reason.thread;
  head.signal = reason.signal;
  head.code = reason.code;
  head.left_out = view.left_out();
  view.put(&head, sizeof head);
  view.names(names);
  view.lines();
  view.decisions();
  view.batches();
  view.thaw();
}

}  // namespace picket::routing
