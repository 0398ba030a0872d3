// SPDX-License-Identifier: Apache-2.0
//
// How often each symbol comes, as fractions of a power of two: the model of the entropy coder in token_coder.hpp, made
// from counts by its encoder and read from the block by its decoder. FORMAT.md describes the bits. Any thread.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "bits.hpp"

namespace picket::perf_database {

inline constexpr unsigned kMaxTableLog = 12;  // so that a decoder's table fits the first cache
inline constexpr std::size_t kMaxSymbols = 312;

// Counts of symbols; as many as the shape of tokens has.
using Histogram = std::array<std::uint32_t, kMaxSymbols>;

struct Frequency {
  std::uint16_t symbol = 0;
  std::uint16_t share = 0;  // of 2^log; never 0
  std::uint16_t start = 0;  // sum of the shares before
};

struct FrequencyTable {
  unsigned log = 0;                  // 0 to kMaxTableLog
  std::vector<Frequency> used = {};  // by ascending symbol; shares add up to 2^log
};

// What the counted symbols take in bits, with their table: an estimate that is within some per cent.
double entropy_bits(std::span<const std::uint32_t> counts);

// The table that makes table and symbols together smallest. Counts of nothing give a table of symbol 0.
FrequencyTable make_table(std::span<const std::uint32_t> counts);

void write_table(const FrequencyTable& table, BitWriter& out);

// Nothing when the shares do not add up, or a symbol is not below `symbols`.
std::optional<FrequencyTable> read_table(BitReader& in, std::size_t symbols);

}  // namespace picket::perf_database
