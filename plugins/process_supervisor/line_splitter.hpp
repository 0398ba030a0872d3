// SPDX-License-Identifier: Apache-2.0
//
// Output of a program as lines: bytes come in pieces of any size, lines go out as valid UTF-8 of bounded length. Pure;
// single thread.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace picket::process_supervisor {

class LineSplitter {
 public:
  // `cut`: this is a part of a longer line, of which more follows. The text is valid during the call.
  using Line = std::function<void(std::string_view text, bool cut)>;

  // A longer line comes in parts of at most `limit` bytes (never half a character of valid UTF-8).
  explicit LineSplitter(std::size_t limit = kLimit) : limit_(limit) {}

  // Ends of lines are \n or \r\n; empty lines are left out.
  void add(std::string_view bytes, const Line& line);
  // The program has ended, or is silent: what is there without an end of line.
  void flush(const Line& line);

  // Bytes that wait for the end of their line.
  std::size_t rest() const { return rest_.size(); }

  static constexpr std::size_t kLimit = 16'384;

 private:
  void tell(std::string_view text, bool cut, const Line& line) const;

  std::size_t limit_;
  std::string rest_;
};

// The same text with U+FFFD in the place of what is no UTF-8, and of zero bytes.
std::string repaired_utf8(std::string_view text);

// Whether that would change nothing.
bool is_clean_utf8(std::string_view text);

}  // namespace picket::process_supervisor
