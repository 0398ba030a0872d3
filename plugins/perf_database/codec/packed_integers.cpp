// SPDX-License-Identifier: Apache-2.0
//
// The encoder weighs transformations by an estimate of the tokens' size and runs the compressors on the winner alone.
// All arithmetic wraps (unsigned), so that every input, also a damaged one, has one defined result.
#include "packed_integers.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "palette.hpp"
#include "token_coder.hpp"

namespace picket::perf_database {
namespace {

constexpr unsigned kOrders = 3;
constexpr unsigned kOrderMask = 3;
constexpr unsigned kHasPalette = 4;
constexpr unsigned kAboveMinimum = 8;
constexpr unsigned kPackingShift = 4;
constexpr int kVarintLevel = 3;  // zstd: higher levels gain under 2 % on such streams
// Below this size of the tokens zstd cannot win: an empty frame has half of it.
constexpr std::size_t kTooSmallForZstd = 24;

using Signed = std::vector<std::int64_t>;
using Unsigned = std::vector<std::uint64_t>;

std::int64_t minus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

std::uint64_t distance(std::int64_t a, std::int64_t b) {
  const auto bits = static_cast<std::uint64_t>(minus(a, b));
  return bits >> 63U != 0 ? ~bits + 1 : bits;
}

// The largest number that divides every distance from the first value; 1 when it would not fit a signed number.
std::int64_t largest_scale(std::span<const std::int64_t> values) {
  std::uint64_t scale = 0;
  for (const std::int64_t value : values) {
    const std::uint64_t step = distance(value, values[0]);
    if (scale != 0 && step % scale == 0) continue;
    scale = std::gcd(scale, step);
    if (scale == 1) return 1;
  }
  return scale == 0 || scale > static_cast<std::uint64_t>(INT64_MAX) ? 1 : static_cast<std::int64_t>(scale);
}

// The next difference, in place. Its first number is a difference from 0.
void differentiate(Signed& numbers) {
  for (std::size_t i = numbers.size(); i-- > 1;) numbers[i] = minus(numbers[i], numbers[i - 1]);
}

// A run of numbers after taking differences: what the tag byte says about them, and the unsigned numbers to compress.
struct Differences {
  unsigned order = 0;
  // What tells where the run begins and not how it goes on: the number, the first difference, the second one.
  Signed head;
  bool same = false;                    // the body is one number, again and again: `minimum`
  std::optional<std::int64_t> minimum;  // the body holds distances from it; without, zigzag numbers
  Unsigned body;
  double bits = 0;  // about what the body takes
};

void fill_body(std::span<const std::int64_t> numbers, Differences& out) {
  const auto [least, most] = std::minmax_element(numbers.begin(), numbers.end());
  if (numbers.empty() || *least == *most) {
    out.same = true;
    if (!numbers.empty()) out.minimum = *least;
    return;
  }
  out.body.resize(numbers.size());
  std::transform(numbers.begin(), numbers.end(), out.body.begin(), zigzag);
  out.bits = token_bits(out.body);
  Unsigned distances(numbers.size());
  std::transform(numbers.begin(), numbers.end(), distances.begin(),
                 [least = *least](std::int64_t number) { return static_cast<std::uint64_t>(minus(number, least)); });
  const double bits = token_bits(distances);
  if (bits >= out.bits) return;
  out.minimum = *least;
  out.body = std::move(distances);
  out.bits = bits;
}

Differences best_differences(Signed numbers) {
  Differences best;
  for (unsigned order = 0; order < kOrders && order <= numbers.size(); ++order) {
    if (order > 0) differentiate(numbers);
    Differences candidate{order, {numbers.begin(), numbers.begin() + order}, false, {}, {}, 0};
    fill_body(std::span(numbers).subspan(order), candidate);
    if (order == 0 || candidate.bits < best.bits) best = std::move(candidate);
  }
  return best;
}

// The distinct numbers, if they are few and leave gaps.
std::optional<Palette> useful_palette(std::span<const std::int64_t> numbers) {
  const std::size_t limit = std::min(kMaxPalette, numbers.size() / 2);
  auto palette = limit == 0 ? std::nullopt : Palette::of(numbers, limit);
  if (palette && distance(palette->entries().back(), palette->entries().front()) < 2 * palette->entries().size())
    return std::nullopt;
  return palette;
}

// Appends the body in the smaller of two forms.
Packing compress_body(std::span<const std::uint64_t> numbers, Compressor& compressor, Bytes& out) {
  const std::size_t start = out.size();
  encode_tokens(numbers, out);
  if (out.size() - start <= kTooSmallForZstd) return Packing::tokens;
  Bytes raw;
  Bytes frame;
  for (const std::uint64_t number : numbers) put_varint(raw, number);
  compressor.compress(raw, kVarintLevel, frame);
  if (frame.size() > out.size() - start) return Packing::tokens;
  out.resize(start);
  out.insert(out.end(), frame.begin(), frame.end());
  return Packing::varints;
}

// Appends what follows offset, scale and palette, and completes the tag.
void pack_differences(const Differences& differences, std::size_t tag_at, Compressor& compressor, Bytes& out) {
  for (const std::int64_t number : differences.head) put_varint(out, zigzag(number));
  if (differences.minimum) put_varint(out, zigzag(*differences.minimum));
  const Packing packing = differences.same ? Packing::same : compress_body(differences.body, compressor, out);
  out[tag_at] = static_cast<std::uint8_t>(out[tag_at] | differences.order | (differences.minimum ? kAboveMinimum : 0U) |
                                          static_cast<unsigned>(packing) << kPackingShift);
}

void pack_level(std::span<const std::int64_t> values, bool may_have_palette, Compressor& compressor, Bytes& out) {
  const std::int64_t scale = largest_scale(values);
  Signed numbers(values.size());
  std::transform(values.begin(), values.end(), numbers.begin(),
                 [&](std::int64_t value) { return minus(value, values[0]) / scale; });

  const std::size_t tag_at = out.size();
  out.push_back(0);
  put_varint(out, zigzag(values[0]));
  put_varint(out, static_cast<std::uint64_t>(scale));
  Differences best = best_differences(numbers);
  if (const auto palette = may_have_palette ? useful_palette(numbers) : std::nullopt) {
    Bytes entries;
    pack_level(palette->entries(), false, compressor, entries);
    for (std::int64_t& number : numbers) number = palette->index(number);
    Differences indices = best_differences(std::move(numbers));
    if (indices.bits + 8 * static_cast<double>(entries.size() + 2) < best.bits) {
      out[tag_at] = kHasPalette;
      put_varint(out, palette->entries().size());
      put_varint(out, entries.size());
      out.insert(out.end(), entries.begin(), entries.end());
      best = std::move(indices);
    }
  }
  pack_differences(best, tag_at, compressor, out);
}

// Reads `numbers.size()` unsigned numbers from all of `in`.
bool decompress_body(Packing packing, ByteView in, Compressor& compressor, std::span<std::uint64_t> numbers) {
  switch (packing) {
    case Packing::same:
      std::fill(numbers.begin(), numbers.end(), 0);
      return in.empty();
    case Packing::tokens:
      return decode_tokens(in, numbers);
    case Packing::varints:
      break;
  }
  Bytes raw;
  if (packing != Packing::varints || !compressor.decompress(in, numbers.size() * kMaxVarint, raw)) return false;
  ByteReader reader(raw);
  for (std::uint64_t& number : numbers) number = reader.varint();
  return reader.ok() && reader.rest().empty();
}

// From differences of the order to numbers, in place.
void integrate(unsigned order, std::span<std::uint64_t> numbers) {
  for (; order > 0; --order) std::partial_sum(numbers.begin(), numbers.end(), numbers.begin());
}

bool unpack_level(ByteReader in, std::size_t count, bool may_have_palette, Compressor& compressor, Signed& out) {
  const unsigned tag = in.byte();
  const unsigned order = tag & kOrderMask;
  const auto offset = static_cast<std::uint64_t>(unzigzag(in.varint()));
  const std::uint64_t scale = in.varint();
  if (!in.ok() || order >= kOrders || (tag >> kPackingShift) > static_cast<unsigned>(Packing::same)) return false;
  Signed entries;
  if ((tag & kHasPalette) != 0) {
    const std::uint64_t size = in.varint();
    const std::uint64_t bytes = in.varint();
    if (!in.ok() || !may_have_palette || size == 0 || size > kMaxPalette || bytes > in.rest().size()) return false;
    if (!unpack_level(ByteReader(in.rest().first(bytes)), size, false, compressor, entries)) return false;
    in = ByteReader(in.rest().subspan(bytes));
  }

  Unsigned numbers(count);
  if (order > count) return false;
  for (unsigned i = 0; i < order; ++i) numbers[i] = static_cast<std::uint64_t>(unzigzag(in.varint()));
  const std::span<std::uint64_t> rest = std::span(numbers).subspan(order);
  const bool from_minimum = (tag & kAboveMinimum) != 0;
  const auto minimum = from_minimum ? static_cast<std::uint64_t>(unzigzag(in.varint())) : 0;
  if (!in.ok() || !decompress_body(static_cast<Packing>(tag >> kPackingShift), in.rest(), compressor, rest))
    return false;
  if (from_minimum) {
    for (std::uint64_t& number : rest) number += minimum;
  } else {
    for (std::uint64_t& number : rest) number = static_cast<std::uint64_t>(unzigzag(number));
  }
  integrate(order, numbers);
  if (!entries.empty()) {
    for (std::uint64_t& number : numbers) {
      if (number >= entries.size()) return false;
      number = static_cast<std::uint64_t>(entries[number]);
    }
  }
  out.resize(count);
  std::transform(numbers.begin(), numbers.end(), out.begin(),
                 [&](std::uint64_t number) { return static_cast<std::int64_t>(offset + scale * number); });
  return true;
}

}  // namespace

void pack_integers(std::span<const std::int64_t> values, Compressor& compressor, Bytes& out) {
  pack_level(values, true, compressor, out);
}

bool unpack_integers(ByteReader in, std::size_t count, Compressor& compressor, std::vector<std::int64_t>& out) {
  return unpack_level(in, count, true, compressor, out);
}

}  // namespace picket::perf_database
