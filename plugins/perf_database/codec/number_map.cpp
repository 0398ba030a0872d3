// SPDX-License-Identifier: Apache-2.0
//
// A quotient n / d of two integers below 2^53 is one correctly rounded division, the same on every machine, so it is
// enough to find d and to check that each value comes back.
#include "number_map.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>
#include <optional>

namespace picket::perf_database {
namespace {

constexpr double kMaxExactInteger = 9007199254740992.0;  // 2^53
constexpr double kIntegerRange = 9.2e18;                 // a bit below 2^63
constexpr std::uint64_t kMaxDenominator = 1ULL << 53U;
constexpr std::uint8_t kHasExceptions = 0x80;
// More exceptions than one sample in this many, and bits are the better map.
constexpr std::size_t kExceptionShare = 16;
// A fraction is looked for in so many samples, with denominators up to 2^26: two such that differ are further apart
// than neighbouring doubles below one, so what is found is what was divided.
constexpr std::size_t kProbes = 24;
constexpr double kMaxPartDenominator = 67108864.0;  // 2^26
constexpr std::uint64_t kMaxCommonDenominator = 1ULL << 40U;

constexpr std::array<std::uint64_t, 16> kPowersOfTen = {1ULL,
                                                        10ULL,
                                                        100ULL,
                                                        1'000ULL,
                                                        10'000ULL,
                                                        100'000ULL,
                                                        1'000'000ULL,
                                                        10'000'000ULL,
                                                        100'000'000ULL,
                                                        1'000'000'000ULL,
                                                        10'000'000'000ULL,
                                                        100'000'000'000ULL,
                                                        1'000'000'000'000ULL,
                                                        10'000'000'000'000ULL,
                                                        100'000'000'000'000ULL,
                                                        1'000'000'000'000'000ULL};

std::uint64_t bits_of(double value) {
  return std::bit_cast<std::uint64_t>(value);
}

// Bit patterns of doubles ascend with the value only when positive; this makes them do so throughout.
std::int64_t ordered(std::uint64_t bits) {
  return static_cast<std::int64_t>(bits >> 63U != 0 ? bits ^ 0x7FFF'FFFF'FFFF'FFFFULL : bits);
}

std::uint64_t unordered(std::int64_t integer) {
  const auto bits = static_cast<std::uint64_t>(integer);
  return bits >> 63U != 0 ? bits ^ 0x7FFF'FFFF'FFFF'FFFFULL : bits;
}

double quotient(std::int64_t integer, double denominator) {
  return static_cast<double>(integer) / denominator;
}

// Whether value == integer / denominator to the last bit, and that integer. Never for negative zero, NaN, infinities.
bool as_quotient(double value, double denominator, std::int64_t& integer) {
  const double scaled = denominator == 1.0 ? value : std::nearbyint(value * denominator);
  if (!(std::fabs(scaled) <= (denominator == 1.0 ? kIntegerRange : kMaxExactInteger))) return false;
  integer = static_cast<std::int64_t>(scaled);
  return bits_of(quotient(integer, denominator)) == bits_of(value);
}

// Values that no denominator gives back.
bool always_exceptional(double value) {
  return !std::isfinite(value) || bits_of(value) == bits_of(-0.0);
}

// The smallest power of ten that gives back all values but a few.
std::optional<std::uint64_t> find_decimals(std::span<const double> values) {
  std::size_t budget = values.size() / kExceptionShare;
  std::size_t exponent = 0;
  std::int64_t integer = 0;
  for (const double value : values) {
    std::size_t needed = exponent;
    while (needed < kPowersOfTen.size() && !as_quotient(value, static_cast<double>(kPowersOfTen[needed]), integer)) {
      needed = always_exceptional(value) ? kPowersOfTen.size() : needed + 1;
    }
    if (needed < kPowersOfTen.size()) {
      exponent = needed;
    } else if (budget-- == 0) {
      return std::nullopt;
    }
  }
  return kPowersOfTen[exponent];
}

// The denominator of the simplest fraction that rounds to the value, by continued fractions; 0 when it has none that
// is small.
std::uint64_t fraction_of(double value) {
  double rest = std::fabs(value);
  std::array<double, 2> numerators = {0, 1};
  std::array<double, 2> denominators = {1, 0};
  for (int depth = 0; depth < 40; ++depth) {
    const double whole = std::floor(rest);
    const double n = whole * numerators[1] + numerators[0];
    const double d = whole * denominators[1] + denominators[0];
    if (!(d <= kMaxPartDenominator) || !(n <= kMaxExactInteger)) return 0;
    if (n / d == std::fabs(value)) return static_cast<std::uint64_t>(d);
    if (rest == whole) return 0;
    numerators = {numerators[1], n};
    denominators = {denominators[1], d};
    rest = 1 / (rest - whole);
  }
  return 0;
}

// One denominator for the fractions of samples from all over the column.
std::optional<std::uint64_t> find_fraction(std::span<const double> values) {
  std::uint64_t common = 1;
  std::size_t without = 0;
  const std::size_t step = std::max<std::size_t>(1, values.size() / kProbes);
  for (std::size_t i = 0; i < values.size(); i += step) {
    if (always_exceptional(values[i])) continue;
    const std::uint64_t part = fraction_of(values[i]);
    if (part == 0) {
      if (++without * kExceptionShare > kProbes) return std::nullopt;
      continue;
    }
    common = std::lcm(common, part);
    if (common > kMaxCommonDenominator) return std::nullopt;
  }
  return common;
}

// Fills integers and exceptions for this denominator; false when there are too many exceptions.
bool map_quotients(std::span<const double> values, std::uint64_t denominator, NumberMap& map,
                   std::vector<std::int64_t>& integers) {
  const std::size_t budget = values.size() / kExceptionShare;
  std::size_t exceptional = 0;
  std::int64_t last = 0;
  integers.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::int64_t integer = 0;
    if (as_quotient(values[i], static_cast<double>(denominator), integer)) {
      last = integer;
    } else {
      if (++exceptional > budget) return false;
      const std::uint64_t bits = bits_of(values[i]);
      Exception* run = map.exceptions.empty() ? nullptr : &map.exceptions.back();
      if (run != nullptr && run->begin + run->length == i && run->bits == bits) {
        ++run->length;
      } else {
        map.exceptions.push_back({i, 1, bits});
      }
    }
    integers[i] = last;
  }
  // What stands before the first real number is as free as what stands after one.
  if (!map.exceptions.empty() && map.exceptions.front().begin == 0) {
    const std::size_t real = std::find_if(values.begin(), values.end(),
                                          [&](double value) {
                                            std::int64_t integer = 0;
                                            return as_quotient(value, static_cast<double>(denominator), integer);
                                          }) -
                             values.begin();
    if (real < values.size()) std::fill_n(integers.begin(), real, integers[real]);
  }
  map.kind = NumberKind::quotient;
  map.denominator = denominator;
  return true;
}

}  // namespace

NumberMap map_bits(std::span<const double> values, std::vector<std::int64_t>& integers) {
  integers.resize(values.size());
  std::transform(values.begin(), values.end(), integers.begin(), [](double value) { return ordered(bits_of(value)); });
  return {};
}

NumberMap map_numbers(std::span<const double> values, std::vector<std::int64_t>& integers) {
  NumberMap map;
  if (const auto denominator = find_decimals(values)) {
    if (map_quotients(values, *denominator, map, integers)) return map;
  }
  map = {};
  if (const auto denominator = find_fraction(values)) {
    if (map_quotients(values, *denominator, map, integers)) return map;
  }
  return map_bits(values, integers);
}

void unmap_numbers(const NumberMap& map, std::span<const std::int64_t> integers, std::span<double> values) {
  if (map.kind == NumberKind::bits) {
    std::transform(integers.begin(), integers.end(), values.begin(),
                   [](std::int64_t integer) { return std::bit_cast<double>(unordered(integer)); });
  } else if (map.denominator == 1) {
    std::transform(integers.begin(), integers.end(), values.begin(),
                   [](std::int64_t integer) { return static_cast<double>(integer); });
  } else {
    const auto denominator = static_cast<double>(map.denominator);
    std::transform(integers.begin(), integers.end(), values.begin(),
                   [denominator](std::int64_t integer) { return quotient(integer, denominator); });
  }
  for (const Exception& run : map.exceptions) {
    std::fill_n(values.begin() + static_cast<std::ptrdiff_t>(run.begin), run.length, std::bit_cast<double>(run.bits));
  }
}

void write_map(const NumberMap& map, Bytes& out) {
  out.push_back(
      static_cast<std::uint8_t>(static_cast<std::uint8_t>(map.kind) | (map.exceptions.empty() ? 0U : kHasExceptions)));
  if (map.kind == NumberKind::quotient) put_varint(out, map.denominator);
  if (map.exceptions.empty()) return;
  put_varint(out, map.exceptions.size());
  std::size_t end = 0;
  for (const Exception& run : map.exceptions) {
    put_varint(out, run.begin - end);
    put_varint(out, run.length);
    put_word<std::uint64_t>(out, run.bits);
    end = run.begin + run.length;
  }
}

bool read_map(ByteReader& in, std::size_t count, NumberMap& map) {
  const unsigned tag = in.byte();
  map = {};
  map.kind = static_cast<NumberKind>(tag & ~unsigned{kHasExceptions});
  if (map.kind > NumberKind::quotient) return false;
  if (map.kind == NumberKind::quotient) map.denominator = in.varint();
  if (map.denominator == 0 || map.denominator > kMaxDenominator) return false;
  if ((tag & kHasExceptions) == 0) return in.ok();
  const std::uint64_t runs = in.varint();
  std::size_t end = 0;
  for (std::uint64_t i = 0; i < runs; ++i) {
    const std::uint64_t gap = in.varint();
    const std::uint64_t length = in.varint();
    const auto bits = in.word<std::uint64_t>();
    if (!in.ok() || gap > count - end || length == 0 || length > count - end - gap) return false;
    map.exceptions.push_back({end + gap, length, bits});
    end += gap + length;
  }
  return in.ok() && runs > 0;
}

}  // namespace picket::perf_database
