// SPDX-License-Identifier: Apache-2.0
#include "analysis/graph_layout.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace picket::analysis {
namespace {

constexpr int kOrderSweeps = 12;
constexpr int kPlaceSweeps = 8;
constexpr double kDummyHeight = 10;  // room of a line that passes a column
constexpr double kPortGap = 12;      // between lines at one side of a box, at most

// A box, or the point where a line passes a column.
struct Item {
  double width = 0;
  double height = 0;
  std::size_t column = 0;
  double centre = 0;                // y
  std::vector<std::size_t> before;  // items of the column before this that are joined to it
  std::vector<std::size_t> after;
};

class Placer {
 public:
  Placer(const std::vector<LayoutBox>& boxes, const std::vector<LayoutLine>& lines, const LayoutOptions& options)
      : lines_(lines), options_(options), boxes_(boxes.size()) {
    for (const LayoutBox& box : boxes) items_.push_back({box.width, box.height, 0, 0, {}, {}});
  }

  Layout run() {
    if (items_.empty()) return {};
    choose_directions();
    choose_columns();
    join_neighbours();
    order();
    place();
    return result();
  }

 private:
  std::size_t left(std::size_t line) const { return reversed_[line] ? lines_[line].to : lines_[line].from; }
  std::size_t right(std::size_t line) const { return reversed_[line] ? lines_[line].from : lines_[line].to; }

  void visit(std::size_t box, std::vector<int>& state);
  void choose_directions();
  void choose_columns();
  void join_neighbours();
  void order();
  void sort_column(std::size_t column, bool by_before);
  std::size_t crossings() const;
  void place();
  void settle(const std::vector<std::size_t>& column, std::vector<double> wanted);
  std::vector<double> column_edges() const;
  double port(std::size_t item, bool at_right, std::size_t neighbour) const;
  Layout result() const;

  const std::vector<LayoutLine>& lines_;
  const LayoutOptions options_;
  const std::size_t boxes_;
  std::vector<Item> items_;  // the boxes, then what stands for lines
  std::vector<bool> reversed_;
  std::vector<std::vector<std::size_t>> chains_;   // items along each line, from left to right
  std::vector<std::vector<std::size_t>> columns_;  // items, from top to bottom
};

// Lines to a box that is still being visited lead back; they are drawn the other way round.
void Placer::visit(std::size_t box, std::vector<int>& state) {
  state[box] = 1;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (lines_[i].from != box) continue;
    const std::size_t to = lines_[i].to;
    if (state[to] == 1) reversed_[i] = true;
    if (state[to] == 0) visit(to, state);
  }
  state[box] = 2;
}

void Placer::choose_directions() {
  reversed_.assign(lines_.size(), false);
  std::vector<int> state(boxes_, 0);
  std::vector<bool> entered(boxes_, false);
  for (const LayoutLine& line : lines_) entered[line.to] = true;
  for (const bool first : {true, false}) {  // from where nothing leads to, then the rest
    for (std::size_t box = 0; box < boxes_; ++box) {
      if (state[box] == 0 && entered[box] != first) visit(box, state);
    }
  }
}

// The longest way from the left; then what has only ways to the right moves up to them.
void Placer::choose_columns() {
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      Item& to = items_[right(i)];
      const std::size_t least = items_[left(i)].column + 1;
      if (to.column >= least) continue;
      to.column = least;
      changed = true;
    }
  }
  for (std::size_t box = 0; box < boxes_; ++box) {
    std::size_t nearest = 0;
    bool entered = false;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      entered = entered || right(i) == box;
      if (left(i) != box) continue;
      const std::size_t column = items_[right(i)].column;
      nearest = nearest == 0 ? column : std::min(nearest, column);
    }
    if (!entered && nearest > 0) items_[box].column = nearest - 1;
  }
}

void Placer::join_neighbours() {
  chains_.resize(lines_.size());
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    chains_[i].push_back(left(i));
    for (std::size_t column = items_[left(i)].column + 1; column < items_[right(i)].column; ++column) {
      chains_[i].push_back(items_.size());
      items_.push_back({0, kDummyHeight, column, 0, {}, {}});
    }
    chains_[i].push_back(right(i));
    for (std::size_t at = 1; at < chains_[i].size(); ++at) {
      items_[chains_[i][at - 1]].after.push_back(chains_[i][at]);
      items_[chains_[i][at]].before.push_back(chains_[i][at - 1]);
    }
  }
  std::size_t count = 0;
  for (const Item& item : items_) count = std::max(count, item.column + 1);
  columns_.resize(count);
  for (std::size_t i = 0; i < items_.size(); ++i) columns_[items_[i].column].push_back(i);
}

// Until places are known, `centre` is the rank within the column.
void Placer::sort_column(std::size_t column, bool by_before) {
  std::vector<std::pair<double, std::size_t>> keyed;
  for (const std::size_t item : columns_[column]) {
    const std::vector<std::size_t>& near = by_before ? items_[item].before : items_[item].after;
    double sum = 0;
    for (const std::size_t other : near) sum += items_[other].centre;
    keyed.emplace_back(near.empty() ? items_[item].centre : sum / static_cast<double>(near.size()), item);
  }
  std::stable_sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 0; i < keyed.size(); ++i) {
    columns_[column][i] = keyed[i].second;
    items_[keyed[i].second].centre = static_cast<double>(i);
  }
}

std::size_t Placer::crossings() const {
  std::size_t count = 0;
  for (const std::vector<std::size_t>& column : columns_) {
    std::vector<std::pair<double, double>> ends;
    for (const std::size_t item : column) {
      for (const std::size_t other : items_[item].after) ends.emplace_back(items_[item].centre, items_[other].centre);
    }
    for (std::size_t a = 0; a < ends.size(); ++a) {
      for (std::size_t b = a + 1; b < ends.size(); ++b) {
        if ((ends[a].first - ends[b].first) * (ends[a].second - ends[b].second) < 0) ++count;
      }
    }
  }
  return count;
}

void Placer::order() {
  for (const std::vector<std::size_t>& column : columns_) {
    for (std::size_t i = 0; i < column.size(); ++i) items_[column[i]].centre = static_cast<double>(i);
  }
  std::vector<std::vector<std::size_t>> best = columns_;
  std::size_t fewest = crossings();
  for (int sweep = 0; sweep < kOrderSweeps && fewest > 0; ++sweep) {
    const bool forward = sweep % 2 == 0;
    for (std::size_t i = 0; i < columns_.size(); ++i) sort_column(forward ? i : columns_.size() - 1 - i, forward);
    const std::size_t count = crossings();
    if (count >= fewest) continue;
    fewest = count;
    best = columns_;
  }
  columns_ = std::move(best);
}

// Moves the items of a column as little as can be from where they want to be, in their order and without overlap:
// isotonic regression by pooling neighbours that want to pass each other.
void Placer::settle(const std::vector<std::size_t>& column, std::vector<double> wanted) {
  struct Pool {
    double sum = 0;
    double count = 0;
    double mean() const { return sum / count; }
  };
  std::vector<double> offsets(column.size(), 0);
  for (std::size_t i = 1; i < column.size(); ++i) {
    offsets[i] = offsets[i - 1] + (items_[column[i - 1]].height + items_[column[i]].height) / 2 + options_.row_gap;
  }
  std::vector<Pool> pools;
  for (std::size_t i = 0; i < column.size(); ++i) {
    pools.push_back({wanted[i] - offsets[i], 1});
    while (pools.size() > 1 && pools[pools.size() - 2].mean() > pools.back().mean()) {
      const Pool last = pools.back();
      pools.pop_back();
      pools.back().sum += last.sum;
      pools.back().count += last.count;
    }
  }
  std::size_t at = 0;
  for (const Pool& pool : pools) {
    for (int i = 0; i < static_cast<int>(pool.count); ++i, ++at) items_[column[at]].centre = pool.mean() + offsets[at];
  }
}

void Placer::place() {
  for (const std::vector<std::size_t>& column : columns_) settle(column, std::vector<double>(column.size(), 0));
  for (int sweep = 0; sweep < kPlaceSweeps; ++sweep) {
    const bool forward = sweep % 2 == 0;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::vector<std::size_t>& column = columns_[forward ? i : columns_.size() - 1 - i];
      std::vector<double> wanted;
      for (const std::size_t item : column) {
        const std::vector<std::size_t>& near = forward ? items_[item].before : items_[item].after;
        double sum = 0;
        for (const std::size_t other : near) sum += items_[other].centre;
        wanted.push_back(near.empty() ? items_[item].centre : sum / static_cast<double>(near.size()));
      }
      settle(column, std::move(wanted));
    }
  }
  double top = 0;
  for (const Item& item : items_) top = std::min(top, item.centre - item.height / 2);
  for (Item& item : items_) item.centre -= top;
}

// The left edge of each column, and where one more would begin.
std::vector<double> Placer::column_edges() const {
  std::vector<double> widths(columns_.size(), 0);
  std::vector<double> labels(columns_.size(), 0);  // in the gap behind each
  for (const Item& item : items_) widths[item.column] = std::max(widths[item.column], item.width);
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    double& room = labels[items_[right(i)].column - 1];
    room = std::max(room, lines_[i].label_width);
  }
  std::vector<double> edges{0};
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    edges.push_back(edges.back() + widths[i] + std::max(options_.column_gap, labels[i] + options_.column_gap / 2));
  }
  return edges;
}

// Where a line meets a box: the lines at one side stand in the order of their other ends.
double Placer::port(std::size_t item, bool at_right, std::size_t neighbour) const {
  const Item& box = items_[item];
  std::vector<std::size_t> near = at_right ? box.after : box.before;
  std::stable_sort(near.begin(), near.end(),
                   [&](std::size_t a, std::size_t b) { return items_[a].centre < items_[b].centre; });
  const auto rank = static_cast<double>(std::find(near.begin(), near.end(), neighbour) - near.begin());
  const auto last = static_cast<double>(near.size() - 1);
  const double gap = last == 0 ? 0 : std::min(kPortGap, (box.height - 8) / last);
  return box.centre + (rank - last / 2) * gap;
}

Layout Placer::result() const {
  Layout layout;
  const std::vector<double> edges = column_edges();
  std::vector<double> widths(columns_.size(), 0);
  for (const Item& item : items_) widths[item.column] = std::max(widths[item.column], item.width);
  for (std::size_t i = 0; i < boxes_; ++i) {
    const Item& item = items_[i];
    const double x = edges[item.column] + (widths[item.column] - item.width) / 2;
    layout.boxes.push_back({x, item.centre - item.height / 2, item.width, item.height, item.column});
    layout.width = std::max(layout.width, x + item.width);
  }
  for (const Item& item : items_) layout.height = std::max(layout.height, item.centre + item.height / 2);
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const std::vector<std::size_t>& chain = chains_[i];
    std::vector<Point> points;
    const Layout::Placed& start = layout.boxes[chain.front()];
    const auto add = [&](double x, double y) {
      if (points.empty() || points.back().x != x || points.back().y != y) points.push_back({x, y});
    };
    // Past wider boxes of the same column straight, so that nothing runs behind them.
    add(start.x + start.width, port(chain.front(), true, chain[1]));
    add(edges[start.column] + widths[start.column], points.back().y);
    for (std::size_t at = 1; at + 1 < chain.size(); ++at) {  // straight past the boxes of the column
      const Item& item = items_[chain[at]];
      add(edges[item.column], item.centre);
      add(edges[item.column] + widths[item.column], item.centre);
    }
    const Layout::Placed& end = layout.boxes[chain.back()];
    add(edges[end.column], port(chain.back(), false, chain[chain.size() - 2]));
    add(end.x, points.back().y);
    if (reversed_[i]) std::reverse(points.begin(), points.end());
    layout.lines.push_back(std::move(points));
  }
  return layout;
}

}  // namespace

Layout lay_out(const std::vector<LayoutBox>& boxes, const std::vector<LayoutLine>& lines,
               const LayoutOptions& options) {
  return Placer(boxes, lines, options).run();
}

}  // namespace picket::analysis
