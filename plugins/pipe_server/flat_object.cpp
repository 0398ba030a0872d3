// SPDX-License-Identifier: Apache-2.0
#include "flat_object.hpp"

#include <array>
#include <bit>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace picket::pipe_server {
namespace {

constexpr std::ptrdiff_t kMostDigits = 18;                 // any so many fit into 63 bits
constexpr std::uint64_t kExact = std::uint64_t{1} << 53U;  // integers below are doubles
constexpr std::array<double, kMostDigits + 1> kPowersOfTen = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                                              1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};

// Where the next character is that ends a plain text: a quote, a backslash, a control character, or one beyond ASCII.
// REQUIRES: 16 readable bytes behind `end`. May be at or behind it when there is none.
inline const char* find_end_of_text(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i blank = _mm_set1_epi8(' ');
  for (; at < end; at += sizeof(__m128i)) {
    const __m128i text = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    // As signed numbers, those beyond ASCII are below the blank as well.
    const __m128i ends = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(text, quote), _mm_cmpeq_epi8(text, backslash)),
                                      _mm_cmplt_epi8(text, blank));
    const auto found = static_cast<unsigned>(_mm_movemask_epi8(ends));
    if (found != 0) return at + std::countr_zero(found);
  }
#else
  for (; at < end; ++at) {
    if (*at == '"' || *at == '\\' || static_cast<unsigned char>(*at - 0x20) >= 0x60) return at;
  }
#endif
  return end;
}

inline bool is_flat_digit(char c) {
  return c >= '0' && c <= '9';
}

// Adds up to kMostDigits digits to `value`; their number. More than that are not looked at.
inline std::ptrdiff_t read_digits(const char* at, std::uint64_t& value) {
  const char* const first = at;
  for (; at - first <= kMostDigits && is_flat_digit(*at); ++at) {
    value = value * 10 + static_cast<std::uint64_t>(*at - '0');
  }
  return at - first;
}

}  // namespace

inline void FlatObject::skip_blanks() {
  while (at_ < end_ && *at_ <= ' ' && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
}

inline bool FlatObject::take(char c) {
  if (at_ >= end_ || *at_ != c) return false;
  ++at_;
  return true;
}

inline bool FlatObject::read_text(std::string_view& text) {
  if (!take('"')) return false;
  const char* const last = find_end_of_text(at_, end_);
  if (last >= end_ || *last != '"') return false;
  text = {at_, static_cast<std::size_t>(last - at_)};
  at_ = last + 1;
  return true;
}

bool FlatObject::read_value(Member& member) {
  if (at_ >= end_) return false;
  switch (*at_) {
    case '"':
      member.kind = Kind::text;
      return read_text(member.text);
    case 't':
      return take_word("true", Kind::boolean, 1, member);
    case 'f':
      return take_word("false", Kind::boolean, 0, member);
    case 'n':
      return take_word("null", Kind::null, 0, member);
    default:
      return read_number(member);
  }
}

// What may stand behind a value is for next() to see.
bool FlatObject::take_word(std::string_view word, Kind kind, std::int64_t value, Member& member) {
  if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(word)) return false;
  at_ += word.size();
  member.kind = kind;
  member.integer = value;
  return true;
}

// A real is a quotient of two doubles that are exact, so it is the nearest double to what is written.
bool FlatObject::read_number(Member& member) {
  const bool negative = take('-');
  std::uint64_t value = 0;
  const std::ptrdiff_t whole = read_digits(at_, value);
  if (whole == 0 || whole > kMostDigits || (*at_ == '0' && whole > 1)) return false;
  const char* behind = at_ + whole;
  std::ptrdiff_t fraction = 0;
  if (*behind == '.') {
    fraction = read_digits(++behind, value);
    if (fraction == 0 || whole + fraction > kMostDigits || value >= kExact) return false;
    behind += fraction;
  }
  if (behind > end_ || (negative && value == 0)) return false;
  at_ = behind;
  member.kind = fraction == 0 ? Kind::integer : Kind::real;
  if (fraction == 0) {
    const auto number = static_cast<std::int64_t>(value);
    member.integer = negative ? -number : number;
  } else {
    const double number = static_cast<double>(value) / kPowersOfTen[static_cast<std::size_t>(fraction)];
    member.real = negative ? -number : number;
  }
  return true;
}

FlatObject::Next FlatObject::next(Member& member) {
  skip_blanks();
  if (!begun_) {
    if (!take('{')) return Next::other;
    begun_ = true;
  } else if (take('}')) {
    skip_blanks();
    return at_ == end_ ? Next::end : Next::other;
  } else if (!take(',')) {
    return Next::other;
  }
  skip_blanks();
  if (!read_text(member.key)) return Next::other;
  skip_blanks();
  if (!take(':')) return Next::other;
  skip_blanks();
  return read_value(member) ? Next::member : Next::other;
}

}  // namespace picket::pipe_server
