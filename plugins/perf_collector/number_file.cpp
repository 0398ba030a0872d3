// SPDX-License-Identifier: Apache-2.0
//
// See number_file.hpp.
#include "number_file.hpp"

#include <algorithm>

#include "scan.hpp"

namespace picket::perf_collector {

namespace {

std::string_view first_word(std::string_view line) {
  return line.substr(0, line.find_first_of(" \t"));
}

}  // namespace

NumberFile::NumberFile(std::string path, Shape shape, bool required, std::initializer_list<NumberSpec> specs,
                       const Vocabulary& vocabulary, Faults& faults)
    : file_(std::move(path)),
      shape_(shape),
      required_(required),
      faults_(faults),
      file_fault_(faults.add(file_.path())) {
  for (const NumberSpec& spec : specs) {
    const SampleRow row(spec.row, vocabulary);
    const std::string what = spec.name.empty() ? "number " + std::to_string(spec.word) : std::string(spec.name);
    numbers_.push_back({std::string(spec.name), row, spec.word, spec.row.decimals, -1, spec.required, row.wanted(),
                        faults.add(file_.path() + ": " + what)});
    wanted_ = wanted_ || row.wanted();
  }
  std::size_t index = 0;
  for (const NumberSpec& spec : specs) {
    Number& number = numbers_[index++];
    if (spec.minus.empty()) continue;
    const auto other =
        std::find_if(numbers_.begin(), numbers_.end(), [&](const Number& n) { return n.name == spec.minus; });
    number.minus = other - numbers_.begin();
    if (number.needed) other->needed = true;
  }
}

void NumberFile::collect(Samples& samples) {
  if (!wanted_) return;
  const auto text = file_.read();
  if (!text) {
    if (required_ || !file_.missing()) faults_.bad(file_fault_, file_.error());
    return;
  }
  faults_.good(file_fault_);
  for (Number& number : numbers_) number.found = number.malformed = false;
  switch (shape_) {
    case Shape::lines:
      parse_lines(*text);
      break;
    case Shape::tables:
      parse_tables(*text);
      break;
    case Shape::pairs:
      parse_pairs(*text);
      break;
  }
  for (const Number& number : numbers_) {
    if (!number.needed) continue;
    if (number.malformed || (number.required && !number.found)) {
      faults_.bad(number.fault, number.malformed ? "no number, or too large a one" : "missing");
    } else {
      faults_.good(number.fault);
    }
    const Number* minus = number.minus < 0 ? nullptr : &numbers_[static_cast<std::size_t>(number.minus)];
    if (!number.found || (minus != nullptr && !minus->found)) continue;
    number.row.add(number.value - (minus == nullptr ? 0 : minus->value), samples);
  }
}

// With decimals the number may be written with a point, and is kept in units of its last place.
void NumberFile::take(Number& number, std::string_view word) {
  Scanner scanner(word);
  std::uint64_t value = 0;
  if (number.decimals > 0) {
    number.found = scanner.fixed(number.decimals, number.value);
  } else if (scanner.number(value)) {
    number.found = true;
    number.value = counter_value(value);
  }
  number.malformed = !number.found;
}

void NumberFile::parse_lines(std::string_view text) {
  Scanner file(text);
  std::string_view line;
  std::size_t left = static_cast<std::size_t>(
      std::count_if(numbers_.begin(), numbers_.end(), [](const Number& number) { return number.needed; }));
  while (left > 0 && file.line(line)) {
    for (Number& number : numbers_) {
      if (!number.needed || number.found || number.malformed) continue;
      const std::size_t length = number.name.size();
      if (length > 0 &&
          (line.size() <= length || !line.starts_with(number.name) || (line[length] != ' ' && line[length] != '\t')))
        continue;
      Scanner words(line.substr(length));
      std::string_view word;
      if (words.skip(number.word - 1) && words.word(word)) take(number, word);
      --left;
    }
  }
}

std::ptrdiff_t NumberFile::find(std::string_view table, std::string_view name) const {
  for (std::size_t i = 0; i < numbers_.size(); ++i) {
    const std::string_view wanted = numbers_[i].name;
    if (numbers_[i].needed && wanted.size() == table.size() + name.size() && wanted.starts_with(table) &&
        wanted.ends_with(name)) {
      return static_cast<std::ptrdiff_t>(i);
    }
  }
  return -1;
}

// Null: nothing of this table is wanted. The header is the same at every reading, unless another module was loaded.
const NumberFile::Columns* NumberFile::columns_of(std::string_view header) {
  const std::string_view table = first_word(header);
  Columns* known = nullptr;
  for (Columns& columns : columns_) {
    if (columns.header == header) return &columns;
    if (first_word(columns.header) == table) known = &columns;
  }
  if (known == nullptr) {
    const auto of_table = [table](const Number& number) { return number.needed && number.name.starts_with(table); };
    if (std::none_of(numbers_.begin(), numbers_.end(), of_table)) return nullptr;
    known = &columns_.emplace_back();
  }
  known->header = header;
  known->numbers.clear();
  Scanner names(header.substr(table.size()));
  std::string_view name;
  while (names.word(name)) known->numbers.push_back(find(table, name));
  while (!known->numbers.empty() && known->numbers.back() < 0) known->numbers.pop_back();
  return known;
}

void NumberFile::parse_tables(std::string_view text) {
  Scanner file(text);
  std::string_view header;
  std::string_view line;
  while (file.line(header) && file.line(line)) {
    const Columns* columns = columns_of(header);
    if (columns == nullptr || first_word(line) != first_word(header)) continue;
    Scanner values(line);
    values.skip(1);
    std::string_view word;
    for (const std::ptrdiff_t index : columns->numbers) {
      if (!values.word(word)) break;
      if (index >= 0) take(numbers_[static_cast<std::size_t>(index)], word);
    }
  }
}

void NumberFile::parse_pairs(std::string_view text) {
  Scanner file(text);
  std::string_view line;
  while (file.line(line)) {
    Scanner words(line);
    std::string_view table, name, value;
    if (!words.word(table)) continue;
    while (words.word(name) && words.word(value)) {
      const std::ptrdiff_t index = find(table, name);
      if (index >= 0) take(numbers_[static_cast<std::size_t>(index)], value);
    }
  }
}

}  // namespace picket::perf_collector
