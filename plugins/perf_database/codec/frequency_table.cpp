// SPDX-License-Identifier: Apache-2.0
//
// A table with fewer steps is shorter to write and describes the data less exactly; for an hour of samples the best one
// is often small, so each size is weighed.
#include "frequency_table.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

namespace picket::perf_database {
namespace {

constexpr unsigned kLogBits = 4;
constexpr unsigned kGolombBits = 3;  // width of a Golomb parameter
constexpr unsigned kMaxGolomb = 7;
constexpr std::uint64_t kMaxUpper = (1U << kMaxTableLog) + 1;  // no gap and no share has more
constexpr double kTypicalSymbolBits = 6.5;                     // of one symbol and its share in a table

// Exponential Golomb code of order k: the upper bits as a gamma code, k bits as they are.
void put_golomb(BitWriter& out, std::uint64_t value, unsigned k) {
  out.put_gamma((value >> k) + 1);
  out.put(value & ((std::uint64_t{1} << k) - 1), k);
}

std::uint64_t get_golomb(BitReader& in, unsigned k) {
  const std::uint64_t upper = in.get_gamma();
  if (upper == 0 || upper > kMaxUpper) return ~std::uint64_t{0};
  return (upper - 1) << k | in.get(k);
}

std::size_t golomb_bits(std::uint64_t value, unsigned k) {
  return 2U * static_cast<unsigned>(std::bit_width((value >> k) + 1)) - 1 + k;
}

std::uint64_t gap_of(const FrequencyTable& table, std::size_t i) {
  return i == 0 ? table.used[0].symbol : table.used[i].symbol - table.used[i - 1].symbol - 1U;
}

// The orders that make the gaps between symbols, and the shares, shortest; and the bits that they take.
struct GolombOrders {
  unsigned gaps = 0;
  unsigned shares = 0;
  std::size_t bits = 0;
};

GolombOrders best_orders(const FrequencyTable& table) {
  std::array<std::size_t, kMaxGolomb + 1> gaps{};
  std::array<std::size_t, kMaxGolomb + 1> shares{};
  for (std::size_t i = 0; i < table.used.size(); ++i) {
    for (unsigned k = 0; k <= kMaxGolomb; ++k) {
      gaps[k] += golomb_bits(gap_of(table, i), k);
      if (i + 1 < table.used.size()) shares[k] += golomb_bits(table.used[i].share - 1U, k);
    }
  }
  const auto best_gaps = std::min_element(gaps.begin(), gaps.end());
  const auto best_shares = std::min_element(shares.begin(), shares.end());
  return {static_cast<unsigned>(best_gaps - gaps.begin()), static_cast<unsigned>(best_shares - shares.begin()),
          *best_gaps + *best_shares};
}

// Shares in proportion to the counts, none of them 0. REQUIRES: used.size() <= 2^log
void share_out(FrequencyTable& table, std::span<const std::uint32_t> counts, double total) {
  const auto whole = std::int64_t{1} << table.log;
  std::int64_t left = whole;
  for (Frequency& entry : table.used) {
    const double exact = counts[entry.symbol] / total * static_cast<double>(whole);
    entry.share = static_cast<std::uint16_t>(std::max(1.0, std::floor(exact + 0.5)));
    left -= entry.share;
  }
  // Rounding leaves a few too many or too few; the largest shares feel them least.
  while (left != 0) {
    Frequency& largest = *std::max_element(table.used.begin(), table.used.end(),
                                           [](const auto& a, const auto& b) { return a.share < b.share; });
    const std::int64_t step = left > 0 ? left : std::max<std::int64_t>(left, -std::max(1, (largest.share - 1) / 4));
    largest.share = static_cast<std::uint16_t>(largest.share + step);
    left -= step;
  }
  std::uint16_t start = 0;
  for (Frequency& entry : table.used) {
    entry.start = start;
    start = static_cast<std::uint16_t>(start + entry.share);
  }
}

}  // namespace

double entropy_bits(std::span<const std::uint32_t> counts) {
  double total = 0;
  double sum = 0;
  double used = 0;
  for (const std::uint32_t count : counts) {
    if (count == 0) continue;
    total += count;
    used += 1;
    if (count > 1) sum += count * std::log2(count);
  }
  return total == 0 ? 0 : total * std::log2(total) - sum + kTypicalSymbolBits * used;
}

FrequencyTable make_table(std::span<const std::uint32_t> counts) {
  FrequencyTable best;
  double total = 0;
  for (std::size_t symbol = 0; symbol < counts.size(); ++symbol) {
    if (counts[symbol] == 0) continue;
    best.used.push_back({static_cast<std::uint16_t>(symbol), 1, 0});
    total += counts[symbol];
  }
  if (best.used.empty()) best.used.emplace_back(Frequency{0, 1, 0});
  if (best.used.size() == 1) return best;

  FrequencyTable table = best;
  double smallest = std::numeric_limits<double>::max();
  for (table.log = static_cast<unsigned>(std::bit_width(table.used.size() - 1)); table.log <= kMaxTableLog;
       ++table.log) {
    share_out(table, counts, total);
    double bits = static_cast<double>(best_orders(table).bits);
    for (const Frequency& entry : table.used) bits += counts[entry.symbol] * (table.log - std::log2(entry.share));
    if (bits < smallest) {
      smallest = bits;
      best = table;
    }
  }
  return best;
}

void write_table(const FrequencyTable& table, BitWriter& out) {
  out.put(table.log, kLogBits);
  if (table.log == 0) {
    out.put_gamma(table.used[0].symbol + 1U);
    return;
  }
  const GolombOrders orders = best_orders(table);
  out.put_gamma(table.used.size() - 1);
  out.put(orders.gaps, kGolombBits);
  out.put(orders.shares, kGolombBits);
  for (std::size_t i = 0; i < table.used.size(); ++i) {
    put_golomb(out, gap_of(table, i), orders.gaps);
    // The last share is what is left.
    if (i + 1 < table.used.size()) put_golomb(out, table.used[i].share - 1U, orders.shares);
  }
}

std::optional<FrequencyTable> read_table(BitReader& in, std::size_t symbols) {
  FrequencyTable table;
  table.log = static_cast<unsigned>(in.get(kLogBits));
  if (table.log > kMaxTableLog) return std::nullopt;
  const std::uint64_t used = table.log == 0 ? 1 : in.get_gamma() + 1;
  if (!in.ok() || used > symbols || used > std::uint64_t{1} << table.log) return std::nullopt;
  if (table.log == 0) {
    const std::uint64_t symbol = in.get_gamma() - 1;
    if (!in.ok() || symbol >= symbols) return std::nullopt;
    table.used.push_back({static_cast<std::uint16_t>(symbol), 1, 0});
    return table;
  }
  const auto gap_order = static_cast<unsigned>(in.get(kGolombBits));
  const auto share_order = static_cast<unsigned>(in.get(kGolombBits));
  std::uint64_t next = 0;
  std::uint64_t left = std::uint64_t{1} << table.log;
  std::uint64_t start = 0;
  table.used.reserve(used);
  for (std::uint64_t i = 0; i < used; ++i) {
    const std::uint64_t gap = get_golomb(in, gap_order);
    if (!in.ok() || gap >= symbols || next + gap >= symbols) return std::nullopt;
    const std::uint64_t share = i + 1 == used ? left : get_golomb(in, share_order) + 1;
    if (!in.ok() || share == 0 || share > left || (share == left && i + 1 < used)) return std::nullopt;
    table.used.push_back(
        {static_cast<std::uint16_t>(next + gap), static_cast<std::uint16_t>(share), static_cast<std::uint16_t>(start)});
    next += gap + 1;
    start += share;
    left -= share;
  }
  return table;
}

}  // namespace picket::perf_database
