// SPDX-License-Identifier: Apache-2.0
//
// A directory of one test's own, and batches with everything that a batch can have.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>

#include "picket/batch.h"
#include "platform/process.hpp"
#include "routing/batch.hpp"
#include "routing/names.hpp"

namespace picket::routing::spool {

class OwnFolder {
 public:
  OwnFolder() {
    static std::atomic<int> counter{0};
    const auto* const test = testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::temp_directory_path() /
            ("picket-spool-" + std::to_string(platform::process_id()) + "-" + std::to_string(counter.fetch_add(1)) +
             (test == nullptr ? "" : std::string("-") + std::to_string(test->line())));
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~OwnFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  OwnFolder(const OwnFolder&) = delete;
  OwnFolder& operator=(const OwnFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline picket_str text_of(std::string_view text) {
  return picket_str_of(text.data(), text.size());
}

// Events with a field of every type, and keys of both kinds; `first` tells one batch from another.
inline BatchRef rich_batch(Names& names, std::int64_t first, std::uint32_t events) {
  picket_batch* const batch = batch_new(events, events * 9, events * 256 + 256);
  for (std::uint32_t i = 0; i < events; ++i) {
    picket_event* const event = picket_batch_event(batch, names.intern("log"));
    event->time_ns = 1'000 + i;
    event->sequence = static_cast<std::uint64_t>(first) + i;
    event->source = names.intern("host");
    event->severity = PICKET_SEVERITY_WARNING;
    picket_batch_int(batch, names.intern("value"), first + i);
    picket_batch_text(batch, names.intern("message"), text_of("a message with \xC3\xA9 number " + std::to_string(i)));
    picket_batch_bool(batch, names.intern("flag"), 1);
    picket_batch_double(batch, names.intern("ratio"), 0.5);
    picket_batch_name(batch, names.intern("name"), names.intern("test"));
    picket_batch_heap(batch, names.intern("raw"), PICKET_TYPE_BYTES, picket_str_of("\xFF\x00\x01", 3));
    picket_batch_heap(batch, names.intern("json"), PICKET_TYPE_JSON, text_of("[1,2]"));
    picket_batch_field(batch, names.intern("nothing"), PICKET_TYPE_NULL);
    picket_batch_int(batch, picket_batch_inline_key(batch, text_of("peer.key")), 7);
  }
  return BatchRef::adopt(batch);
}

// The values of the field "value" of every event.
inline std::vector<std::int64_t> values_of_batch(const picket_batch& batch, const Names& names) {
  std::vector<std::int64_t> values;
  for (std::uint32_t i = 0; i < batch.event_count; ++i) {
    const picket_field* const field = picket_batch_find(&batch, &batch.events[i], names.find("value"));
    values.push_back(field == nullptr ? -1 : field->value.i);
  }
  return values;
}

inline std::string read_all(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline void write_all(const std::filesystem::path& file, const std::string& content) {
  std::ofstream(file, std::ios::binary) << content;
}

}  // namespace picket::routing::spool
