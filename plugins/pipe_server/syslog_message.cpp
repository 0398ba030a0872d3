// SPDX-License-Identifier: Apache-2.0
#include "syslog_message.hpp"

#include <array>
#include <cstdlib>
#include <ctime>

#include "event_time.hpp"
#include "severity.hpp"

namespace picket::pipe_server {
namespace {

// RFC 5424, table 1, by their names in syslog.conf; 12 to 15 have names by their use.
constexpr std::array<std::string_view, 24> kFacilityNames = {
    "kern",   "user",   "mail",     "daemon", "auth",   "syslog",   "lpr",     "news",
    "uucp",   "cron",   "authpriv", "ftp",    "ntp",    "security", "console", "solaris-cron",
    "local0", "local1", "local2",   "local3", "local4", "local5",   "local6",  "local7"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr unsigned kUserNotice = 13;  // RFC 3164, section 4.3.3
constexpr std::size_t kLongestSyslogTag = 128;
constexpr std::int64_t kNsOfASecond = 1'000'000'000;

bool is_syslog_digit(char c) {
  return c >= '0' && c <= '9';
}

class SyslogReader {
 public:
  SyslogReader(std::string_view text, std::int64_t now_ns, SyslogMessage& message)
      : text_(text), now_ns_(now_ns), message_(message) {}

  std::optional<SyslogProblem> read() {
    if (text_.empty()) return SyslogProblem{0, "an empty message"};
    unsigned priority = kUserNotice;
    const bool given = peek() == '<';
    if (given && !read_priority(priority)) return SyslogProblem{0, "no priority <0> to <191>"};
    message_.severity = severity_of_syslog(priority % 8);
    message_.facility = kFacilityNames[priority / 8];
    if (given && take("1 ")) return read_5424();
    read_3164();
    return std::nullopt;
  }

 private:
  bool at_end() const { return at_ >= text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  bool take(std::string_view wanted) {
    if (!text_.substr(at_).starts_with(wanted)) return false;
    at_ += wanted.size();
    return true;
  }
  std::string_view word() {
    const std::size_t begin = at_;
    const std::size_t end = text_.find(' ', at_);
    at_ = end == std::string_view::npos ? text_.size() : end;
    return text_.substr(begin, at_ - begin);
  }
  std::optional<int> number(std::size_t digits) {
    if (text_.size() - at_ < digits) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!is_syslog_digit(text_[at_ + i])) return std::nullopt;
      value = value * 10 + (text_[at_ + i] - '0');
    }
    at_ += digits;
    return value;
  }

  // "<34>": one to three digits, 191 at most, no leading zero.
  bool read_priority(unsigned& priority) {
    std::size_t end = 1;
    unsigned value = 0;
    while (end < text_.size() && end <= 3 && is_syslog_digit(text_[end])) {
      value = value * 10 + static_cast<unsigned>(text_[end++] - '0');
    }
    const bool zero_first = end > 2 && text_[1] == '0';
    if (end == 1 || end >= text_.size() || text_[end] != '>' || value > 191 || zero_first) return false;
    priority = value;
    at_ = end + 1;
    return true;
  }

  // --- RFC 5424, section 6 -----------------------------------------------------------------------------------------
  std::optional<SyslogProblem> read_5424() {
    const std::size_t time_at = at_;
    const std::string_view time = word();
    if (time != "-") {
      message_.time_ns = parse_time(time);
      if (!message_.time_ns) return SyslogProblem{time_at, "no time like 2026-09-03T10:00:00Z"};
    }
    for (std::string_view* const field : {&message_.host, &message_.app, &message_.pid, &message_.msgid}) {
      if (!take(" ") || at_end()) return SyslogProblem{at_, "a header that ends too early"};
      *field = word();
      if (field->empty()) return SyslogProblem{at_, "a header that ends too early"};
      if (*field == "-") *field = {};
    }
    if (!take(" ")) return SyslogProblem{at_, "no structured data: neither - nor ["};
    if (const auto problem = read_data()) return problem;
    if (at_end()) return std::nullopt;
    if (!take(" ")) return SyslogProblem{at_, "no blank behind structured data"};
    take("\xEF\xBB\xBF");
    message_.message = text_.substr(at_);
    return std::nullopt;
  }

  // Printable ASCII but "=", blank, "]" and quotes.
  std::string_view data_name() {
    const std::size_t begin = at_;
    while (!at_end() && peek() > ' ' && peek() < '\x7F' && peek() != '=' && peek() != ']' && peek() != '"') ++at_;
    return text_.substr(begin, at_ - begin);
  }

  std::optional<SyslogProblem> read_data() {
    if (take("-")) return std::nullopt;
    if (peek() != '[') return SyslogProblem{at_, "no structured data: neither - nor ["};
    while (take("[")) {
      const std::string_view id = data_name();
      if (id.empty()) return SyslogProblem{at_, "no id of structured data"};
      if (peek() == ']') message_.data.push_back({id, {}, {}, false});
      while (take(" ")) {
        const std::string_view name = data_name();
        if (name.empty()) return SyslogProblem{at_, "no name of a parameter of structured data"};
        if (!take("=\"")) return SyslogProblem{at_, "no =\" behind the name of a parameter"};
        const std::size_t quote = at_ - 1;
        std::string value;
        if (!read_quoted(value)) return SyslogProblem{quote, "a quote that is not closed"};
        message_.data.push_back({id, name, std::move(value)});
      }
      if (!take("]")) return SyslogProblem{at_, "structured data that is not closed by ]"};
    }
    return std::nullopt;
  }

  // A backslash before anything but a quote, a backslash or a bracket stands for itself (section 6.3.3).
  bool read_quoted(std::string& value) {
    while (!at_end() && peek() != '"') {
      if (peek() == '\\' && at_ + 1 < text_.size() &&
          (text_[at_ + 1] == '"' || text_[at_ + 1] == '\\' || text_[at_ + 1] == ']')) {
        ++at_;
      }
      value += text_[at_++];
    }
    return take("\"");
  }

  // --- RFC 3164, section 4.1, and what has grown around it -----------------------------------------------------------
  void read_3164() {
    if (read_time()) {
      read_host_and_tag();
      take(" ");
    } else {
      // systemd and glibc leave the time out on some sockets; a tag that is there is one nevertheless.
      if (read_tag()) take(" ");
    }
    message_.message = text_.substr(at_);
  }

  bool read_time() {
    const std::size_t start = at_;
    if (is_syslog_digit(peek())) {
      message_.time_ns = parse_time(word());
    } else {
      read_old_time();
    }
    if (message_.time_ns) {
      take(":");
      if (at_end() || take(" ")) return true;
    }
    message_.time_ns.reset();
    at_ = start;
    return false;
  }

  // "Sep  3 10:00:00", of the machine's zone, in the year in which it is closest to now.
  void read_old_time() {
    const std::string_view name = text_.substr(at_, 3);
    int month = 0;
    while (month < 12 && kMonths[static_cast<std::size_t>(month)] != name) ++month;
    if (month == 12) return;
    at_ += 3;
    if (!take(" ")) return;
    const auto day = take(" ") ? number(1) : number(2);
    if (!day || !take(" ")) return;
    const auto hour = number(2);
    if (!hour || !take(":")) return;
    const auto minute = number(2);
    if (!minute || !take(":")) return;
    const auto second = number(2);
    if (!second || *day < 1 || *day > 31 || *hour > 23 || *minute > 59 || *second > 60) return;
    const int this_year = year_of(now_ns_);
    std::optional<std::int64_t> best;
    for (int year = this_year - 1; year <= this_year + 1; ++year) {
      std::tm parts{};
      parts.tm_year = year - 1900;
      parts.tm_mon = month;
      parts.tm_mday = *day;
      parts.tm_hour = *hour;
      parts.tm_min = *minute;
      parts.tm_sec = *second;
      parts.tm_isdst = -1;
      const std::int64_t time_ns = std::int64_t{std::mktime(&parts)} * kNsOfASecond;
      if (!best || distance(time_ns) < distance(*best)) best = time_ns;
    }
    message_.time_ns = best;
  }
  std::int64_t distance(std::int64_t time_ns) const {
    return time_ns < now_ns_ ? now_ns_ - time_ns : time_ns - now_ns_;
  }
  static int year_of(std::int64_t time_ns) {
    std::string text;
    append_time(time_ns, text);
    return std::atoi(text.substr(0, 4).c_str());
  }

  // "app[pid]: ", "app: ", "app[pid] ".
  bool read_tag() {
    const std::size_t start = at_;
    std::size_t end = at_;
    while (end < text_.size() && text_[end] > ' ' && text_[end] != '[' && text_[end] != ':' && text_[end] != '\x7F')
      ++end;
    const std::string_view app = text_.substr(at_, end - at_);
    std::string_view pid;
    bool ended = false;
    if (!app.empty() && app.size() <= kLongestSyslogTag && end < text_.size()) {
      at_ = end;
      if (take("[")) {
        const std::size_t close = text_.find(']', at_);
        if (close != std::string_view::npos && close > at_ && close - at_ <= kLongestSyslogTag) {
          pid = text_.substr(at_, close - at_);
          at_ = close + 1;
          ended = pid.find(' ') == std::string_view::npos && (take(":") || at_end() || peek() == ' ');
        }
      } else {
        // Behind the colon of a tag is a blank; behind that of "fe80::1" or "http://" is none.
        ended = take(":") && (at_end() || peek() == ' ');
      }
    }
    if (!ended) {
      at_ = start;
      return false;
    }
    message_.app = app;
    message_.pid = pid;
    return true;
  }

  void read_host_and_tag() {
    if (read_tag()) return;
    const std::size_t start = at_;
    const std::string_view host = word();
    if (host.empty() || !take(" ")) {
      at_ = start;  // one word alone is the message
      return;
    }
    message_.host = host;
    read_tag();
  }

  const std::string_view text_;
  const std::int64_t now_ns_;
  SyslogMessage& message_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<SyslogProblem> parse_syslog(std::string_view text, std::int64_t now_ns, SyslogMessage& message) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == '\0')) text.remove_suffix(1);
  message = {};
  return SyslogReader(text, now_ns, message).read();
}

}  // namespace picket::pipe_server
