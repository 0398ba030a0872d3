// SPDX-License-Identifier: Apache-2.0
//
// The check of batches: what a producer makes with the inline functions passes; each way to damage it is named.
#include "routing/batch_validate.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <utility>
#include <vector>

#include "test_batch.hpp"

namespace picket::routing {
namespace {

class BatchValidate : public testing::Test {
 protected:
  BatchValidate() {
    batch_.event("log", "here", PICKET_SEVERITY_INFO).text("message", "caf\u00e9").integer("n", 5).boolean("b", true);
    batch_.event("log", "here").name("name", "x").inline_integer("peer key", 1).heap("raw", PICKET_TYPE_BYTES, "\xFF");
    batch_.heap("j", PICKET_TYPE_JSON, "[1,2]").null("gone");
  }

  Result<void> validate() { return validate_batch(batch_.raw(), names_.size()); }

  // The error of the batch after `damage`, without its common beginning.
  template <typename Damage>
  std::string after(const Damage& damage) {
    damage(batch_.raw());
    const Result<void> result = validate();
    if (result.ok()) return "valid";
    EXPECT_EQ(result.error().status, PICKET_INVALID);
    EXPECT_TRUE(result.error().message.starts_with("malformed batch: ")) << result.error().message;
    return result.error().message.substr(std::string_view("malformed batch: ").size());
  }

  Names names_;
  TestBatch batch_{names_};
};

TEST_F(BatchValidate, what_the_inline_functions_make_is_valid) {
  EXPECT_TRUE(validate().ok());
}

TEST_F(BatchValidate, an_empty_batch_without_arrays_is_valid) {
  picket_batch empty = {};
  empty.size = sizeof empty;
  EXPECT_TRUE(validate_batch(empty, 0).ok());
}

TEST_F(BatchValidate, the_size_and_flags_of_the_batch_are_checked) {
  EXPECT_EQ(after([](picket_batch& batch) { batch.size = 8; }), "its size is 8 bytes, which is too small");
  EXPECT_EQ(after([](picket_batch& batch) {
              batch.size = sizeof batch + 16;
              batch.flags = 1;
            }),
            "it has flags that this daemon does not know");
}

TEST_F(BatchValidate, a_batch_of_a_newer_side_may_be_larger) {
  EXPECT_EQ(after([](picket_batch& batch) { batch.size += 64; }), "valid");
}

TEST_F(BatchValidate, capacities_are_limited) {
  EXPECT_EQ(after([](picket_batch& batch) { batch.event_capacity = 65'537; }),
            "event_capacity is 65537, the most is 65536");
  batch_.raw().event_capacity = 10;
  EXPECT_EQ(after([](picket_batch& batch) { batch.field_capacity = 0xFFFFFFFF; }),
            "field_capacity is 4294967295, the most is 1048576");
  batch_.raw().field_capacity = 10;
  EXPECT_EQ(after([](picket_batch& batch) { batch.byte_capacity = 0xFFFFFFFF; }),
            "byte_capacity is 4294967295, the most is 67108864");
}

TEST_F(BatchValidate, counts_stay_within_capacities) {
  EXPECT_EQ(after([](picket_batch& batch) { batch.event_capacity = 1; }), "event_count is 2, the most is 1");
  batch_.raw().event_capacity = 2;
  EXPECT_EQ(after([](picket_batch& batch) { batch.field_capacity = 7; }), "field_count is 8, the most is 7");
  batch_.raw().field_capacity = 8;
  EXPECT_TRUE(after([](picket_batch& batch) { batch.byte_capacity = 3; }).starts_with("byte_count is "));
}

TEST_F(BatchValidate, arrays_that_are_needed_are_there) {
  picket_batch copy = batch_.raw();
  EXPECT_EQ(after([](picket_batch& batch) { batch.events = nullptr; }), "it has events but no array of them");
  batch_.raw() = copy;
  EXPECT_EQ(after([](picket_batch& batch) { batch.fields = nullptr; }), "it has fields but no array of them");
  batch_.raw() = copy;
  EXPECT_EQ(after([](picket_batch& batch) { batch.bytes = nullptr; }), "it has bytes but no heap");
}

TEST_F(BatchValidate, names_of_an_event_exist) {
  EXPECT_EQ(after([](picket_batch& batch) { batch.events[0].kind = 999; }),
            "event 0: kind is name 999, which was never given out");
  batch_.raw().events[0].kind = 0;
  EXPECT_EQ(after([](picket_batch& batch) { batch.events[1].source = 0x80000001; }),
            "event 1: source is name 2147483649, which was never given out");
}

TEST_F(BatchValidate, severity_and_flags_of_an_event_are_known) {
  EXPECT_EQ(after([](picket_batch& batch) { batch.events[1].severity = 10; }),
            "event 1: severity is 10, the most is 9");
  batch_.raw().events[1].severity = 9;
  EXPECT_EQ(after([](picket_batch& batch) { batch.events[1].flags = 4; }),
            "event 1: it has flags that this daemon does not know");
}

TEST_F(BatchValidate, fields_of_an_event_are_inside_the_array_even_when_the_sum_wraps) {
  EXPECT_EQ(after([](picket_batch& batch) { batch.events[1].field_count = 6; }),
            "event 1: the end of its fields is 9, the most is 8");
  EXPECT_EQ(after([](picket_batch& batch) { batch.events[1].field_count = 0xFFFFFFFF; }),
            "event 1: the end of its fields is 4294967298, the most is 8");
}

TEST_F(BatchValidate, events_cannot_share_fields) {
  EXPECT_EQ(after([](picket_batch& batch) { batch.events[1] = {0, 0, 0, 0, 2, 6, 0, 0}; }),
            "event 1: its fields and those of the events before it are more than the batch has; events cannot share "
            "fields");
}

TEST_F(BatchValidate, the_order_of_field_ranges_is_free) {
  EXPECT_EQ(after([](picket_batch& batch) {
              std::swap(batch.events[0].first_field, batch.events[1].first_field);
              std::swap(batch.events[0].field_count, batch.events[1].field_count);
            }),
            "valid");
}

TEST_F(BatchValidate, keys_are_names_that_exist) {
  EXPECT_EQ(after([](picket_batch& batch) { batch.fields[0].key = 0; }),
            "event 0, field 0: its key is name 0, which is no name");
  EXPECT_EQ(after([](picket_batch& batch) { batch.fields[0].key = 77; }),
            "event 0, field 0: its key is name 77, which was never given out");
}

TEST_F(BatchValidate, inline_keys_are_inside_the_heap) {
  const std::uint32_t offset = batch_.raw().fields[4].key & ~PICKET_KEY_INLINE;
  const std::string most = std::to_string(batch_.raw().byte_count);
  EXPECT_EQ(after([](picket_batch& batch) { batch.fields[4].key = PICKET_KEY_INLINE | (batch.byte_count - 1); }),
            "event 1, field 1: the end of its inline key's length is " + std::to_string(batch_.raw().byte_count + 1) +
                ", the most is " + most);
  EXPECT_EQ(after([](picket_batch& batch) { batch.fields[4].key = 0xFFFFFFFF; }),
            "event 1, field 1: the end of its inline key's length is 2147483649, the most is " + most);
  const auto set_length = [&](std::uint16_t length) {
    batch_.raw().fields[4].key = PICKET_KEY_INLINE | offset;
    std::memcpy(batch_.raw().bytes + offset, &length, sizeof length);
  };
  EXPECT_EQ(
      after([&](picket_batch&) { set_length(60'000); }),
      "event 1, field 1: the end of its inline key is " + std::to_string(offset + 60'002) + ", the most is " + most);
  EXPECT_EQ(after([&](picket_batch&) { set_length(0); }), "event 1, field 1: its inline key is empty");
  set_length(8);
  batch_.raw().bytes[offset + 3] = '\xC3';
  EXPECT_EQ(after([](picket_batch&) {}), "event 1, field 1: its inline key is no valid UTF-8 at its byte 1");
}

TEST_F(BatchValidate, values_are_what_their_types_say) {
  EXPECT_EQ(after([](picket_batch& batch) { batch.fields[2].value.i = 2; }),
            "event 0, field 2: its boolean is 2, the most is 1");
  batch_.raw().fields[2].value.i = 0;
  EXPECT_EQ(after([](picket_batch& batch) { batch.fields[3].value.name = 500; }),
            "event 1, field 0: its value is name 500, which was never given out");
}

TEST_F(BatchValidate, texts_are_inside_the_heap) {
  EXPECT_EQ(
      after([](picket_batch& batch) {
        batch.fields[0].value.ref = {0xFFFFFFFF, 0xFFFFFFFF};
      }),
      "event 0, field 0: the end of its bytes is 8589934590, the most is " + std::to_string(batch_.raw().byte_count));
  EXPECT_EQ(after([](picket_batch& batch) { batch.fields[0].value.ref = {batch.byte_count, 0}; }), "valid");
}

TEST_F(BatchValidate, texts_and_json_are_utf8_but_bytes_need_not_be) {
  const auto ref = batch_.raw().fields[0].value.ref;
  EXPECT_EQ(after([&](picket_batch& batch) { batch.bytes[ref.offset + 4] = 'x'; }),
            "event 0, field 0: its text is no valid UTF-8 at its byte 3");
  EXPECT_EQ(after([&](picket_batch& batch) { batch.fields[0].type = PICKET_TYPE_JSON; }),
            "event 0, field 0: its text is no valid UTF-8 at its byte 3");
  EXPECT_EQ(after([&](picket_batch& batch) { batch.fields[0].type = PICKET_TYPE_BYTES; }), "valid");
}

TEST_F(BatchValidate, types_that_are_unknown_pass) {
  EXPECT_EQ(after([](picket_batch& batch) { batch.fields[0].type = 1000; }), "valid");
}

TEST_F(BatchValidate, fields_of_no_event_are_checked_too) {
  batch_.raw().events[1].field_count = 4;
  EXPECT_EQ(after([](picket_batch& batch) { batch.fields[7].key = 0; }),
            "field 7 of the batch (in no event): its key is name 0, which is no name");
}

TEST_F(BatchValidate, many_fields_cannot_make_one_text_cost_its_length_each) {
  Names names;
  std::vector<char> bytes(1U << 20U, 'a');
  std::vector<picket_field> fields(300);
  for (picket_field& field : fields) {
    field.key = names.intern("text");
    field.type = PICKET_TYPE_TEXT;
    field.value.ref = {0, 1U << 20U};
  }
  picket_batch batch = {};
  batch.size = sizeof batch;
  batch.bytes = bytes.data();
  batch.byte_count = batch.byte_capacity = 1U << 20U;
  batch.fields = fields.data();
  batch.field_capacity = 300;
  batch.field_count = 256;
  EXPECT_TRUE(validate_batch(batch, names.size()).ok());
  batch.field_count = 257;
  const Result<void> result = validate_batch(batch, names.size());
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.error().message.find("the length of all texts"), std::string::npos);
}

}  // namespace
}  // namespace picket::routing
