// SPDX-License-Identifier: Apache-2.0
//
// The encoder runs backwards, so that the decoder, which runs more often, runs forwards. Its state is 32 bits wide and
// takes or gives 16 bits at a time.
#include "token_coder.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <memory>

#include "frequency_table.hpp"

namespace picket::perf_database {
namespace {

// Numbers below 2^direct are tokens themselves; of larger ones the token tells the magnitude and `upper` bits.
struct Shape {
  unsigned direct;
  unsigned upper;

  std::size_t symbols() const { return (std::size_t{1} << direct) + ((64 - direct) << upper); }
};

constexpr std::array<Shape, 3> kShapes = {{{4, 2}, {7, 1}, {8, 0}}};
constexpr std::size_t kMaxContexts = 4;
constexpr std::uint32_t kLowest = 1U << 16U;  // of the state, between symbols
constexpr unsigned kWordBits = 16;

struct Token {
  std::uint16_t symbol;
  std::uint8_t raw_bits;
};

Token token_of(std::uint64_t value, Shape shape) {
  if (value < std::uint64_t{1} << shape.direct) return {static_cast<std::uint16_t>(value), 0};
  const unsigned magnitude = static_cast<unsigned>(std::bit_width(value)) - 1;
  const unsigned raw = magnitude - shape.upper;
  const std::uint64_t upper = value >> raw & ((1U << shape.upper) - 1U);
  return {static_cast<std::uint16_t>((1U << shape.direct) + ((magnitude - shape.direct) << shape.upper) + upper),
          static_cast<std::uint8_t>(raw)};
}

// What a symbol says of its number.
struct Meaning {
  std::uint64_t base = 0;
  std::uint8_t raw_bits = 0;
};

template <unsigned direct, unsigned upper>
constexpr std::array<Meaning, kMaxSymbols> make_meanings() {
  std::array<Meaning, kMaxSymbols> meanings{};
  const unsigned first = 1U << direct;
  for (unsigned symbol = 0; symbol < first; ++symbol) meanings[symbol].base = symbol;
  for (unsigned symbol = first; symbol < first + ((64 - direct) << upper); ++symbol) {
    const unsigned raw = direct + ((symbol - first) >> upper) - upper;
    const std::uint64_t lead = (1U << upper) + ((symbol - first) & ((1U << upper) - 1U));
    meanings[symbol] = {lead << raw, static_cast<std::uint8_t>(raw)};
  }
  return meanings;
}

constexpr std::array<std::array<Meaning, kMaxSymbols>, kShapes.size()> kMeanings = {
    make_meanings<4, 2>(), make_meanings<7, 1>(), make_meanings<8, 0>()};

// The context of a number is how many thresholds the token before it has reached.
struct Contexts {
  std::size_t count = 1;
  std::array<std::uint16_t, kMaxContexts - 1> thresholds{};

  std::uint8_t behind(std::size_t symbol) const {
    unsigned reached = 0;
    for (std::size_t i = 0; i + 1 < count; ++i) reached += symbol >= thresholds[i] ? 1U : 0U;
    return static_cast<std::uint8_t>(reached);
  }
  // The same of every symbol, for the encoder.
  std::array<std::uint8_t, kMaxSymbols> classes() const {
    std::array<std::uint8_t, kMaxSymbols> of{};
    for (std::size_t symbol = 0; symbol < of.size(); ++symbol) of[symbol] = behind(symbol);
    return of;
  }
};

using Histograms = std::array<Histogram, kMaxContexts>;

Histograms count_tokens(std::span<const Token> tokens, const Contexts& contexts) {
  Histograms counts{};
  const auto classes = contexts.classes();
  std::size_t context = 0;
  for (const Token token : tokens) {
    ++counts[context][token.symbol];
    context = classes[token.symbol];
  }
  return counts;
}

// Shape and contexts that look best, the tokens in that shape, and their counts.
struct Model {
  std::size_t shape = 0;
  Contexts contexts;
  std::vector<Token> tokens;
  Histograms counts{};
};

// The smallest symbol that at least this part of all tokens is below.
std::uint16_t quantile(const Histogram& counts, std::size_t total, double part) {
  double below = 0;
  for (std::size_t symbol = 0; symbol < counts.size(); ++symbol) {
    if (below >= part * static_cast<double>(total)) return static_cast<std::uint16_t>(symbol);
    below += counts[symbol];
  }
  return static_cast<std::uint16_t>(counts.size() - 1);
}

void choose_shape(std::span<const std::uint64_t> values, Model& model) {
  double smallest = 0;
  std::vector<Token> tokens(values.size());
  for (std::size_t shape = 0; shape < kShapes.size(); ++shape) {
    Histogram counts{};
    std::size_t raw = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      tokens[i] = token_of(values[i], kShapes[shape]);
      ++counts[tokens[i].symbol];
      raw += tokens[i].raw_bits;
    }
    const double bits = static_cast<double>(raw) + entropy_bits(counts);
    if (shape == 0 || bits < smallest) {
      smallest = bits;
      model.shape = shape;
      model.tokens = tokens;
      model.counts[0] = counts;
    }
    if (raw == 0) break;  // the other shapes would only have larger tables
  }
}

void choose_contexts(Model& model) {
  const Histogram all = model.counts[0];
  const std::size_t total = model.tokens.size();
  const std::uint16_t third = quantile(all, total, 1.0 / 3);
  const std::uint16_t two_thirds = quantile(all, total, 2.0 / 3);
  const std::uint16_t most = quantile(all, total, 0.9);
  const std::array<Contexts, 4> candidates = {
      {{2, {1}}, {2, {quantile(all, total, 0.5)}}, {3, {third, two_thirds}}, {4, {third, two_thirds, most}}}};
  double smallest = entropy_bits(all);
  for (const Contexts& contexts : candidates) {
    const Histograms counts = count_tokens(model.tokens, contexts);
    double bits = 8.0 * static_cast<double>(contexts.count);
    for (std::size_t i = 0; i < contexts.count; ++i) bits += entropy_bits(counts[i]);
    if (bits >= smallest) continue;
    smallest = bits;
    model.contexts = contexts;
    model.counts = counts;
  }
}

// Symbol to its entry, for the encoder.
using Directory = std::array<Frequency, kMaxSymbols>;

struct Packed {
  std::uint32_t state = kLowest;
  std::vector<std::uint16_t> words;  // in the order in which the decoder takes them
};

Packed run_backwards(const Model& model, std::span<const FrequencyTable> tables) {
  std::array<Directory, kMaxContexts> directories{};
  for (std::size_t i = 0; i < tables.size(); ++i) {
    for (const Frequency& entry : tables[i].used) directories[i][entry.symbol] = entry;
  }
  const auto classes = model.contexts.classes();
  Packed packed;
  std::uint32_t state = kLowest;
  for (std::size_t i = model.tokens.size(); i-- > 0;) {
    const std::size_t context = i == 0 ? 0 : classes[model.tokens[i - 1].symbol];
    const unsigned log = tables[context].log;
    const Frequency entry = directories[context][model.tokens[i].symbol];
    const std::uint64_t limit = std::uint64_t{entry.share} << (2 * kWordBits - log);
    if (state >= limit) {
      packed.words.push_back(static_cast<std::uint16_t>(state));
      state >>= kWordBits;
    }
    state = ((state / entry.share) << log) + state % entry.share + entry.start;
  }
  packed.state = state;
  std::reverse(packed.words.begin(), packed.words.end());
  return packed;
}

// One place of a decoder's table. Eight bytes, so that one load brings all of it.
struct Slot {
  std::uint16_t symbol;
  std::uint16_t share;
  std::uint16_t bias;  // the place, less where its symbol's share starts
  std::uint8_t raw_bits;
  std::uint8_t context;  // of the number that follows
};
static_assert(sizeof(Slot) == 8);

struct DecodingTable {
  unsigned log = 0;
  std::unique_ptr<Slot[]> slots;  // 2^log; not cleared first, for the shares of a table fill it
};

using DecodingTables = std::array<DecodingTable, kMaxContexts>;

DecodingTable expand(const FrequencyTable& table, std::span<const Meaning> meanings, const Contexts& contexts) {
  DecodingTable out{table.log, std::make_unique_for_overwrite<Slot[]>(std::size_t{1} << table.log)};
  for (const Frequency& entry : table.used) {
    Slot slot{entry.symbol, entry.share, 0, meanings[entry.symbol].raw_bits, contexts.behind(entry.symbol)};
    for (; slot.bias < entry.share; ++slot.bias) out.slots[entry.start + slot.bias] = slot;
  }
  return out;
}

// What a decoder has left to read.
struct Encoded {
  std::uint32_t state;
  const std::uint8_t* word;  // the next, and behind the last
  const std::uint8_t* end;
  BitReader raw;
};

// False when the words end too early.
bool run_forwards(const DecodingTables& tables, std::span<const Meaning> meanings, std::span<std::uint64_t> values,
                  Encoded& in) {
  std::uint32_t state = in.state;
  const std::uint8_t* word = in.word;
  BitReader raw = in.raw;
  const DecodingTable* table = tables.data();
  std::size_t at = 0;
  // While there is a word to take, one is read in any case: whether it is taken is as good as random, which a
  // processor's guess at a branch would get wrong too often.
  for (; at < values.size() && word != in.end; ++at) {
    const Slot slot = table->slots[state & ((1U << table->log) - 1U)];
    state = slot.share * (state >> table->log) + slot.bias;
    table = &tables[slot.context];
    const bool low = state < kLowest;
    const std::uint32_t longer = state << kWordBits | static_cast<std::uint32_t>(word[0] | word[1] << 8U);
    state = low ? longer : state;
    word += low ? 2 : 0;
    values[at] = meanings[slot.symbol].base + raw.get(slot.raw_bits);
  }
  for (; at < values.size(); ++at) {
    const Slot slot = table->slots[state & ((1U << table->log) - 1U)];
    state = slot.share * (state >> table->log) + slot.bias;
    table = &tables[slot.context];
    if (state < kLowest) return false;
    values[at] = meanings[slot.symbol].base + raw.get(slot.raw_bits);
  }
  in = {state, word, in.end, raw};
  return true;
}

}  // namespace

double token_bits(std::span<const std::uint64_t> values) {
  Histogram counts{};
  std::size_t raw = 0;
  for (const std::uint64_t value : values) {
    const Token token = token_of(value, kShapes[0]);
    ++counts[token.symbol];
    raw += token.raw_bits;
  }
  return static_cast<double>(raw) + entropy_bits(counts);
}

void encode_tokens(std::span<const std::uint64_t> values, Bytes& out) {
  Model model;
  choose_shape(values, model);
  choose_contexts(model);
  out.push_back(static_cast<std::uint8_t>(model.shape | (model.contexts.count - 1) << 2U));
  for (std::size_t i = 0; i + 1 < model.contexts.count; ++i) put_varint(out, model.contexts.thresholds[i]);
  std::vector<FrequencyTable> tables;
  BitWriter table_bits(out);
  for (std::size_t i = 0; i < model.contexts.count; ++i) {
    tables.push_back(make_table(model.counts[i]));
    write_table(tables.back(), table_bits);
  }
  table_bits.flush();
  const Packed packed = run_backwards(model, tables);
  put_varint(out, packed.words.size());
  put_word<std::uint32_t>(out, packed.state);
  for (const std::uint16_t word : packed.words) put_word<std::uint16_t>(out, word);
  BitWriter raw(out);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const unsigned width = model.tokens[i].raw_bits;
    raw.put(values[i] & ((std::uint64_t{1} << width) - 1), width);
  }
  raw.flush();
}

bool decode_tokens(ByteView in, std::span<std::uint64_t> values) {
  ByteReader reader(in);
  const unsigned tag = reader.byte();
  const std::size_t shape = tag & 3U;
  Contexts contexts;
  contexts.count = (tag >> 2U) + 1;
  if (shape >= kShapes.size() || contexts.count > kMaxContexts) return false;
  for (std::size_t i = 0; i + 1 < contexts.count; ++i) {
    const std::uint64_t threshold = reader.varint();
    if (threshold >= kMaxSymbols) return false;
    contexts.thresholds[i] = static_cast<std::uint16_t>(threshold);
  }
  const auto& meanings = kMeanings[shape];
  DecodingTables tables;
  BitReader table_bits(reader.rest());
  for (std::size_t i = 0; i < contexts.count; ++i) {
    const auto table = read_table(table_bits, kShapes[shape].symbols());
    if (!table) return false;
    tables[i] = expand(*table, meanings, contexts);
  }
  reader = ByteReader(reader.rest().subspan(table_bits.bytes_read()));
  const std::uint64_t words = reader.varint();
  const auto state = reader.word<std::uint32_t>();
  if (!reader.ok() || !table_bits.padded_with_zeros() || words > reader.rest().size() / 2 || state < kLowest)
    return false;
  const ByteView rest = reader.rest();
  Encoded encoded{state, rest.data(), rest.data() + 2 * words, BitReader(rest.subspan(2 * words))};
  if (!run_forwards(tables, meanings, values, encoded)) return false;
  // All that was written was read: a block that says otherwise was made by nobody.
  return encoded.state == kLowest && encoded.word == encoded.end && encoded.raw.ok() &&
         encoded.raw.padded_with_zeros() && encoded.raw.bytes_read() == rest.size() - 2 * words;
}

}  // namespace picket::perf_database
