// SPDX-License-Identifier: Apache-2.0
//
// What the protocols with one event a line (ndjson, line, syslog) share: splitting, waiting for the publisher, the last
// line without an end. A protocol adds how a line is written into a batch, and what a bad one is answered.
#pragma once

#include <string>
#include <string_view>

#include "line_buffer.hpp"
#include "publisher.hpp"
#include "session.hpp"
#include "traffic.hpp"

namespace picket::pipe_server {

class LineSession : public Session, public Participant {
 public:
  LineSession(Door& door, Connection& connection)
      : door_(door), connection_(connection), lines_(static_cast<std::size_t>(connection.settings().limits.message)) {}
  ~LineSession() override { door_.publisher.forget(*this); }

  std::size_t received(std::string_view data) override {
    messages_ = 0;
    door_.publisher.expect(data.size());
    if (connection_.settings().kind == Kind::stream || data.ends_with('\n')) {
      split(data);
    } else {
      // A message is one or more lines; what has to wait is kept as those of a stream are.
      std::string with_end;
      with_end.reserve(data.size() + 1 + kPadding);
      with_end.append(data);
      with_end += '\n';
      split(with_end);
    }
    return messages_;
  }

  std::size_t resumed() override {
    messages_ = 0;
    if (!lines_.resume([this](std::string_view line) { return take(line); })) too_long();
    return messages_;
  }

  bool input_ended() override {
    if (lines_.stopped()) return false;  // resumed() comes first
    const std::string_view rest = lines_.rest();
    if (rest.empty()) return true;
    // A last line without its end is a line nevertheless.
    if (take(rest) == LineBuffer::Line::stop) return false;
    lines_.release();
    return true;
  }
  void publisher_ready() override { connection_.release(Hold::publisher); }

 protected:
  // Appends the event of a line. refused: nothing of it is in the batch, and why_not() says why.
  virtual Publisher::Written write(std::string_view line, picket_batch& batch) = 0;
  // The line that was written last was refused (`too_long`: it was never seen whole).
  virtual void refuse(std::uint64_t line_number, bool too_long) = 0;
  // Lines that are no event and no mistake.
  virtual bool is_nothing(std::string_view line) const { return line.empty(); }

  Door& door() { return door_; }
  Connection& connection() { return connection_; }

 private:
  void split(std::string_view data) {
    if (!lines_.feed(data, [this](std::string_view line) { return take(line); })) too_long();
  }

  LineBuffer::Line take(std::string_view line) {
    if (is_nothing(line)) {
      ++line_;
      return LineBuffer::Line::next;
    }
    const Publisher::Room room{1, 16, static_cast<std::uint32_t>(line.size()) + 64};
    const auto appended = door_.publisher.append(*this, room, [&](picket_batch& batch) { return write(line, batch); });
    if (appended == Publisher::Append::wait) {
      connection_.hold(Hold::publisher);
      return LineBuffer::Line::stop;
    }
    ++line_;
    ++messages_;
    if (appended == Publisher::Append::refused) {
      door_.traffic.malformed.add();
      refuse(line_, false);
    }
    return LineBuffer::Line::next;
  }

  void too_long() {
    door_.traffic.malformed.add();
    ++messages_;
    refuse(++line_, true);
    connection_.close(CloseReason::malformed, true);
  }

  Door& door_;
  Connection& connection_;
  LineBuffer lines_;
  std::uint64_t line_ = 0;    // that was taken last, from 1
  std::size_t messages_ = 0;  // of this call
};

}  // namespace picket::pipe_server
