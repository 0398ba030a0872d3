// SPDX-License-Identifier: Apache-2.0
//
// A file of the kernel that is a list of named numbers, and the rows that are made from them (Linux only). Three shapes
// of such files are known; each of paging, kernel and network is a table of rows over one or more of them. A number
// that is missing or malformed loses its row, and no other. Used on the [control] thread.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "faults.hpp"
#include "proc_file.hpp"
#include "rows.hpp"

namespace picket::perf_collector {

enum class Shape {
  lines,   // "pgfault 634619568"; also several numbers in a line, and a file of one line without a name
  tables,  // "Tcp: RtoMin CurrEstab" above "Tcp: 200 3", as /proc/net/snmp has them
  pairs,   // "TCP: inuse 1 orphan 0", as /proc/net/sockstat has them
};

struct NumberSpec {
  // Lines: the first word of the line, empty for any line. Tables and pairs: "Tcp:CurrEstab".
  std::string_view name;
  RowSpec row;
  int word = 1;                 // lines: which number after the name, from 1
  std::string_view minus = {};  // name of another row, whose number is taken off; that row is of the same file
  bool required = true;         // it is a fault if there is none; some kernels lack some numbers
};

class NumberFile {
 public:
  // `faults` outlives this. A file that does not exist at all is a fault only with `required`.
  NumberFile(std::string path, Shape shape, bool required, std::initializer_list<NumberSpec> specs,
             const Vocabulary& vocabulary, Faults& faults);

  // Reads the file and appends its rows in the order of the specs; does nothing if no row is wanted.
  void collect(Samples& samples);

 private:
  struct Number {
    std::string name;
    SampleRow row;
    int word;
    int decimals;
    std::ptrdiff_t minus;  // index, -1: none
    bool required;
    bool needed;  // its row is wanted, or another that it is taken off
    Faults::Slot fault;
    std::int64_t value = 0;
    bool found = false;
    bool malformed = false;
  };
  // Which number each column of a table is, for the header that it was found with.
  struct Columns {
    std::string header;
    std::vector<std::ptrdiff_t> numbers;  // -1: not wanted
  };

  void parse_lines(std::string_view text);
  void parse_tables(std::string_view text);
  void parse_pairs(std::string_view text);
  void take(Number& number, std::string_view word);
  std::ptrdiff_t find(std::string_view table, std::string_view name) const;
  const Columns* columns_of(std::string_view header);

  ProcFile file_;
  Shape shape_;
  bool required_;
  bool wanted_ = false;
  Faults& faults_;
  Faults::Slot file_fault_;
  std::vector<Number> numbers_;
  std::vector<Columns> columns_;
};

}  // namespace picket::perf_collector
