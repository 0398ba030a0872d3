// SPDX-License-Identifier: Apache-2.0
#include "routing/spool/batch_codec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "routing/batch_validate.hpp"
#include "routing/event_json.hpp"
#include "routing/spool/checksum.hpp"
#include "spool_fixture.hpp"

namespace picket::routing::spool {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string encoded(const Names& names, const picket_batch& batch, const std::vector<std::uint32_t>& selection = {}) {
  BatchEncoder encoder(names);
  std::string out;
  const auto count = selection.empty() ? batch.event_count : static_cast<std::uint32_t>(selection.size());
  EXPECT_TRUE(encoder.encode(batch, selection.empty() ? nullptr : selection.data(), count, out).ok());
  return out;
}

std::vector<std::string> as_json(const picket_batch& batch, const Names& names) {
  std::vector<std::string> lines;
  for (std::uint32_t i = 0; i < batch.event_count; ++i) lines.push_back(event_json(batch, batch.events[i], names));
  return lines;
}

TEST(Checksum, crc32c_is_the_one_of_rfc_3720) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(crc32c(""), 0U);
}

TEST(BatchCodec, a_batch_comes_back_as_it_was_in_a_process_with_other_names) {
  Names names;
  const BatchRef batch = rich_batch(names, 10, 5);
  const std::string bytes = encoded(names, *batch);
  Names others;
  for (int i = 0; i < 50; ++i) others.intern("other" + std::to_string(i));
  const auto decoded = decode_batch(bytes, others);
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  EXPECT_EQ(as_json(**decoded, others), as_json(*batch, names));
  EXPECT_TRUE(validate_batch(**decoded, others.size()).ok());
}

TEST(BatchCodec, selected_events_go_alone_and_take_only_their_texts_along) {
  Names names;
  const BatchRef batch = rich_batch(names, 0, 100);
  const std::string all = encoded(names, *batch);
  const std::string two = encoded(names, *batch, {3, 97});
  EXPECT_LT(two.size(), all.size() / 20);
  const auto decoded = decode_batch(two, names);
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  EXPECT_THAT(values_of_batch(**decoded, names), ElementsAre(3, 97));
  const auto lines = as_json(*batch, names);
  EXPECT_THAT(as_json(**decoded, names), ElementsAre(lines[3], lines[97]));
}

TEST(BatchCodec, a_text_that_is_no_utf8_becomes_bytes_and_nothing_is_lost) {
  Names names;
  picket_batch* const batch = batch_new(1, 2, 64);
  const BatchRef own = BatchRef::adopt(batch);
  picket_batch_event(batch, names.intern("log"));
  picket_batch_text(batch, names.intern("message"), text_of("bad \xFF byte"));
  picket_batch_text(batch, names.intern("other"), text_of("good"));
  const auto decoded = decode_batch(encoded(names, *batch), names);
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  EXPECT_EQ((*decoded)->fields[0].type, PICKET_TYPE_BYTES);
  EXPECT_EQ((*decoded)->fields[1].type, PICKET_TYPE_TEXT);
}

TEST(BatchCodec, what_a_plugin_got_wrong_is_mended_or_refused_but_never_read_beyond) {
  Names names;
  picket_batch* const batch = batch_new(2, 4, 64);
  const BatchRef own = BatchRef::adopt(batch);
  picket_event* const event = picket_batch_event(batch, 99'999);
  event->severity = 77;
  event->flags = 5;
  picket_batch_text(batch, names.intern("message"), text_of("text"));
  batch->fields[0].value.ref.offset = 4'000'000'000U;
  picket_batch_name(batch, names.intern("name"), 123'456);
  picket_batch_bool(batch, names.intern("flag"), 1);
  batch->fields[2].value.i = -7;
  const auto decoded = decode_batch(encoded(names, *batch), names);
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  EXPECT_EQ((*decoded)->events[0].kind, 0U);
  EXPECT_EQ((*decoded)->fields[0].type, PICKET_TYPE_NULL);
  EXPECT_EQ((*decoded)->fields[1].type, PICKET_TYPE_NULL);
  EXPECT_EQ((*decoded)->fields[2].value.i, 1);

  batch->fields[0].key = PICKET_KEY_INLINE | 0x7FFFFFF0U;
  BatchEncoder encoder(names);
  std::string out = "before";
  const auto refused = encoder.encode(*batch, nullptr, 1, out);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("a key lies beyond its heap"));
  EXPECT_EQ(out, "before");
}

TEST(BatchCodec, a_full_table_of_names_is_no_damage) {
  Names names;
  const std::string bytes = encoded(names, *rich_batch(names, 0, 1));
  Names tiny(2);
  const auto decoded = decode_batch(bytes, tiny);
  ASSERT_FALSE(decoded.ok());
  EXPECT_EQ(decoded.error().status, PICKET_LIMIT);
}

TEST(BatchCodec, no_damage_gets_past_it_as_a_batch_that_is_not_valid) {
  Names names;
  const std::string good = encoded(names, *rich_batch(names, 0, 3));
  std::mt19937 random(7);
  for (int round = 0; round < 4'000; ++round) {
    std::string bad = good;
    if (round % 3 == 0) {
      bad.resize(random() % bad.size());
    } else {
      for (std::uint32_t flips = 1 + random() % 4; flips > 0; --flips) {
        bad[random() % (round % 3 == 1 ? std::min<std::size_t>(bad.size(), 200) : bad.size())] ^=
            static_cast<char>(1U << random() % 8);
      }
    }
    const auto decoded = decode_batch(bad, names);
    if (decoded.ok()) {
      EXPECT_TRUE(validate_batch(**decoded, names.size()).ok());
    }
  }
}

}  // namespace
}  // namespace picket::routing::spool
