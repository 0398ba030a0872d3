// SPDX-License-Identifier: Apache-2.0
//
// Reads JSON objects of the plainest kind, which most programs send, in one pass: no nesting, ASCII, nothing escaped,
// integers of up to 18 digits, reals of up to 18 that are exact as a quotient. It never says that a text is wrong: what
// is anything else is `other`, and the whole reader (event_decoder.cpp) begins anew. Nothing is copied or allocated.
//
// One for each text, one thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace picket::pipe_server {

class FlatObject {
 public:
  enum class Kind : std::uint8_t { text, integer, real, boolean, null };
  struct Member {
    std::string_view key;
    Kind kind = Kind::null;
    std::string_view text;
    std::int64_t integer = 0;  // of a boolean: 0 or 1
    double real = 0;
  };
  enum class Next { member, end, other };

  // REQUIRES: 64 readable bytes behind `json`, which outlives what members refer to.
  explicit FlatObject(std::string_view json) : at_(json.data()), end_(json.data() + json.size()) {}

  // The next member in `member`; end: the object is closed, it had members, and only blanks follow.
  Next next(Member& member);

 private:
  void skip_blanks();
  bool take(char c);
  bool read_text(std::string_view& text);
  bool read_value(Member& member);
  bool read_number(Member& member);
  bool take_word(std::string_view word, Kind kind, std::int64_t value, Member& member);

  const char* at_;
  const char* const end_;
  bool begun_ = false;
};

}  // namespace picket::pipe_server
