// SPDX-License-Identifier: Apache-2.0
#include "routing/expression/contradiction.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "routing/expression/compare.hpp"
#include "routing/expression/glob.hpp"
#include "routing/expression/lower.hpp"
#include "routing/expression/regex.hpp"
#include "routing/expression/scratch.hpp"
#include "routing/expression/value_set.hpp"

namespace picket::routing {
namespace expression {
namespace {

// A pattern that a text must fit, or must not.
struct PatternFact {
  const Ast* ast = nullptr;
  bool fits = true;
};

struct Fact {
  ValueSet values = ValueSet::all();
  std::vector<PatternFact> patterns;
  bool whole = false;  // always an integer
};

// What has to hold for a condition to have an outcome, by the canonical text of what it is said about.
struct Facts {
  bool impossible = false;
  std::map<std::string, Fact> of;
};

constexpr OrderMask kAllOrders = kLess | kEqual | kGreater;

bool pattern_allows(const PatternFact& pattern, const std::string& text) {
  const bool fits =
      pattern.ast->kind == AstKind::like ? pattern.ast->glob->matches(text) : pattern.ast->regex->found_in(text);
  return fits == pattern.fits;
}

// What `like` asks of texts, when the pattern is that simple: one text, or all with a prefix.
struct SimplePattern {
  std::string prefix;
  bool exact_text = false;  // nothing but `prefix` fits
  bool exact = false;       // the prefix (or text) is all that it asks
};

SimplePattern simple_pattern(const std::string& pattern) {
  SimplePattern result;
  std::size_t at = 0;
  for (; at < pattern.size() && pattern[at] != '*' && pattern[at] != '?'; ++at) {
    if (pattern[at] == '\\' && at + 1 < pattern.size()) ++at;
    result.prefix += pattern[at];
  }
  result.exact_text = at == pattern.size();
  result.exact = result.exact_text || pattern.find_first_not_of('*', at) == std::string::npos;
  return result;
}

class Reasoning {
 public:
  explicit Reasoning(const Names& names) : names_(names) {}

  // What must hold for `ast` to be true (`wanted`), or to be false.
  Facts facts(const Ast& ast, bool wanted) const;
  // Adds what `more` says to `facts`.
  void join_all(Facts& facts, const Facts& more) const;

 private:
  Facts all_of(const Ast& ast, bool wanted) const;
  Facts any_of(const Ast& ast, bool wanted, std::size_t begin, std::size_t end) const;
  Facts conditional(const Ast& ast, bool wanted) const;
  Facts comparison(const Ast& ast, bool wanted) const;
  Facts membership(const Ast& ast, bool wanted) const;
  Facts pattern(const Ast& ast, bool wanted) const;
  Facts existence(const Ast& ast, bool wanted) const;
  Facts boolean(const Ast& ast, bool wanted) const;

  static Facts about(const Ast& ast, ValueSet values);
  static bool has_no_value(Fact& fact);
  // REQUIRES: is_constant(ast). The text is copied to `text`, which the result points into.
  Value constant_of(const Ast& ast, std::string& text) const;

  const Names& names_;
};

Value Reasoning::constant_of(const Ast& ast, std::string& text) const {
  const NodePointer node = lower(ast, Vocabulary(names_));
  Scratch::of_this_thread().reset();
  const Value value = node->evaluate(Context{nullptr, nullptr, &names_});
  if (!value.is_text()) return value;
  text = value.as_text();
  return Value::text(text);
}

bool is_nan(const Value& value) {
  return value.type() == ValueType::real && value.as_real() != value.as_real();
}

Facts Reasoning::facts(const Ast& ast, bool wanted) const {
  if (is_constant(ast)) {
    std::string text;
    Facts result;
    result.impossible = truth_of(constant_of(ast, text)) != truth_of(wanted);
    return result;
  }
  switch (ast.kind) {
    case AstKind::negation:
      return facts(*ast.children[0], !wanted);
    case AstKind::conjunction:
      return wanted ? all_of(ast, wanted) : any_of(ast, wanted, 0, ast.children.size());
    case AstKind::disjunction:
      return wanted ? any_of(ast, wanted, 0, ast.children.size()) : all_of(ast, wanted);
    case AstKind::conditional:
      return conditional(ast, wanted);
    case AstKind::comparison:
      return comparison(ast, wanted);
    case AstKind::membership:
      return membership(ast, wanted);
    case AstKind::like:
    case AstKind::matches:
      return pattern(ast, wanted);
    case AstKind::exists:
      return existence(ast, wanted);
    default:
      return boolean(ast, wanted);
  }
}

Facts Reasoning::about(const Ast& ast, ValueSet values) {
  Facts result;
  Fact fact;
  fact.values = std::move(values);
  fact.whole = (ast.types & kNumber) == kInteger;
  result.impossible = has_no_value(fact);
  if (!result.impossible) result.of.emplace(canonical(ast), std::move(fact));
  return result;
}

bool Reasoning::has_no_value(Fact& fact) {
  if (fact.whole) fact.values.keep_integers();
  if (!fact.patterns.empty() && fact.values.texts.finite()) {
    fact.values.texts.keep_if([&](const Range<std::string>& text) {
      return std::all_of(fact.patterns.begin(), fact.patterns.end(),
                         [&](const PatternFact& pattern) { return pattern_allows(pattern, *text.low); });
    });
  }
  return fact.values.empty();
}

void Reasoning::join_all(Facts& facts, const Facts& more) const {
  facts.impossible = facts.impossible || more.impossible;
  if (facts.impossible) return;
  for (const auto& [key, fact] : more.of) {
    const auto [at, added] = facts.of.emplace(key, fact);
    if (added) continue;
    Fact& mine = at->second;
    mine.values.intersect(fact.values);
    mine.patterns.insert(mine.patterns.end(), fact.patterns.begin(), fact.patterns.end());
    facts.impossible = has_no_value(mine);
    if (facts.impossible) return;
  }
}

// What holds whichever of the two holds. Patterns of one alone are forgotten.
Facts either(Facts a, Facts b) {
  if (a.impossible) return b;
  if (b.impossible) return a;
  for (auto at = a.of.begin(); at != a.of.end();) {
    const auto other = b.of.find(at->first);
    if (other == b.of.end()) {
      at = a.of.erase(at);
      continue;
    }
    at->second.values.unite(other->second.values);
    at->second.patterns.clear();
    ++at;
  }
  return a;
}

Facts Reasoning::all_of(const Ast& ast, bool wanted) const {
  Facts result;
  for (const AstPointer& child : ast.children) {
    join_all(result, facts(*child, wanted));
    if (result.impossible) break;
  }
  return result;
}

// Halves, so that many alternatives are united in few steps.
Facts Reasoning::any_of(const Ast& ast, bool wanted, std::size_t begin, std::size_t end) const {
  if (end - begin == 1) return facts(*ast.children[begin], wanted);
  const std::size_t middle = begin + (end - begin) / 2;
  return either(any_of(ast, wanted, begin, middle), any_of(ast, wanted, middle, end));
}

// `else` is taken by a condition that is false or unknown, of which nothing is known then.
Facts Reasoning::conditional(const Ast& ast, bool wanted) const {
  Facts then = facts(*ast.children[0], true);
  if (!then.impossible) join_all(then, facts(*ast.children[1], wanted));
  return either(std::move(then), facts(*ast.children[2], wanted));
}

Facts Reasoning::comparison(const Ast& ast, bool wanted) const {
  const Ast* operand = ast.children[0].get();
  const Ast* other = ast.children[1].get();
  OrderMask orders = ast.orders;
  Facts result;
  if (is_constant(*operand)) {
    std::swap(operand, other);
    orders = static_cast<OrderMask>((orders & kEqual) | ((orders & kLess) != 0 ? kGreater : 0) |
                                    ((orders & kGreater) != 0 ? kLess : 0));
  }
  if (!is_constant(*other)) {
    // Nothing is less than, greater than or different from itself; NaN compares false with all.
    result.impossible = wanted && (orders & kEqual) == 0 && canonical(*operand) == canonical(*other);
    return result;
  }
  std::string text;
  const Value constant = constant_of(*other, text);
  const bool equality = orders == kEqual || orders == (kLess | kGreater);
  if (!wanted) orders = static_cast<OrderMask>(kAllOrders & ~orders);
  ValueSet values;
  if (is_nan(constant)) {
    if (!wanted) return result;
  } else if (constant.is_number()) {
    values.numbers = Ranges<Number>::compared(orders, Number{constant});
    values.nan = !wanted;
  } else if (constant.is_text()) {
    values.texts = Ranges<std::string>::compared(orders, text);
  } else if (constant.type() == ValueType::boolean && equality) {
    const bool same = (orders & kEqual) != 0;
    values.yes = constant.as_boolean() == same;
    values.no = constant.as_boolean() != same;
  }
  return about(*operand, std::move(values));
}

Facts Reasoning::membership(const Ast& ast, bool wanted) const {
  const bool within = wanted != ast.negated;
  std::vector<Number> numbers;
  std::vector<std::string> texts;
  ValueSet values;
  for (std::size_t index = 1; index < ast.children.size(); ++index) {
    std::string text;
    const Value constant = constant_of(*ast.children[index], text);
    if (constant.is_number() && !is_nan(constant)) numbers.push_back({constant});
    if (constant.is_text()) texts.push_back(std::move(text));
    if (constant.type() == ValueType::boolean) (constant.as_boolean() ? values.yes : values.no) = true;
  }
  const bool any_numbers = !numbers.empty();
  const bool any_texts = !texts.empty();
  values.numbers = Ranges<Number>::points(std::move(numbers));
  values.texts = Ranges<std::string>::points(std::move(texts));
  if (!within) {  // what compares with something in the list and is not in it
    const bool any_booleans = values.yes || values.no;
    values.yes = any_booleans && !values.yes;
    values.no = any_booleans && !values.no;
    values.numbers = any_numbers ? values.numbers.complement() : Ranges<Number>::none();
    values.texts = any_texts ? values.texts.complement() : Ranges<std::string>::none();
    values.nan = any_numbers;
  }
  return about(*ast.children[0], std::move(values));
}

Facts Reasoning::pattern(const Ast& ast, bool wanted) const {
  const bool fits = wanted != ast.negated;
  ValueSet values;
  values.texts = Ranges<std::string>::all();
  if (ast.kind == AstKind::like) {
    const SimplePattern simple = simple_pattern(ast.text);
    Ranges<std::string> fitting =
        simple.exact_text ? Ranges<std::string>::point(simple.prefix) : texts_with_prefix(simple.prefix);
    if (fits) {
      values.texts = std::move(fitting);
    } else if (simple.exact) {
      values.texts = fitting.complement();
    }
  }
  Facts result = about(*ast.children[0], std::move(values));
  for (auto& [key, fact] : result.of) {
    fact.patterns.push_back({&ast, fits});
    result.impossible = has_no_value(fact);
  }
  return result;
}

// Whether it is there is a fact of its own: a field of a type that is not known here is there and reads as null.
Facts Reasoning::existence(const Ast& ast, bool wanted) const {
  ValueSet there;
  (wanted ? there.yes : there.no) = true;
  Facts result = about(ast, std::move(there));
  if (wanted) return result;
  ValueSet null;
  null.null = true;
  join_all(result, about(*ast.children[0], std::move(null)));
  return result;
}

Facts Reasoning::boolean(const Ast& ast, bool wanted) const {
  ValueSet values;
  (wanted ? values.yes : values.no) = true;
  return about(ast, std::move(values));
}

std::string quoted_source(const Ast& ast, std::string_view text) {
  return "`" + source_of(ast, text) + "`";
}

Contradiction at(const Ast& ast, std::string message) {
  return {ast.span.offset, ast.span.length, std::move(message)};
}

// The parts that a condition joins with `and`.
void conjuncts(const Ast& ast, std::vector<const Ast*>& parts) {
  if (ast.kind != AstKind::conjunction) return parts.push_back(&ast);
  for (const AstPointer& child : ast.children) conjuncts(*child, parts);
}

// REQUIRES: `ast` is impossible
Contradiction why(const Reasoning& reasoning, const Ast& ast, std::string_view text) {
  if (ast.kind == AstKind::disjunction) {
    return at(ast, "none of its alternatives can be true: " + why(reasoning, *ast.children[0], text).message);
  }
  std::vector<const Ast*> parts;
  conjuncts(ast, parts);
  if (parts.size() == 1) return at(ast, quoted_source(ast, text) + " is never true");
  std::vector<Facts> facts;
  for (const Ast* part : parts) {
    facts.push_back(reasoning.facts(*part, true));
    if (facts.back().impossible) return why(reasoning, *part, text);
  }
  Facts so_far;
  std::size_t last = 0;
  while (!so_far.impossible && last < parts.size()) reasoning.join_all(so_far, facts[last++]);
  const Ast& breaks = *parts[last - 1];
  for (std::size_t i = 0; i + 1 < last; ++i) {
    Facts both = facts[i];
    reasoning.join_all(both, facts[last - 1]);
    if (!both.impossible) continue;
    return at(breaks, quoted_source(*parts[i], text) + " and " + quoted_source(breaks, text) + " are never both true");
  }
  return at(breaks, quoted_source(breaks, text) + " is never true together with what stands before it");
}

}  // namespace
}  // namespace expression

std::optional<Contradiction> find_contradiction(const Expression& condition) {
  const expression::Reasoning reasoning(condition.names());
  if (!reasoning.facts(condition.syntax(), true).impossible) return std::nullopt;
  return expression::why(reasoning, condition.syntax(), condition.text());
}

std::optional<Contradiction> find_contradiction(const Expression& first, const Expression& second) {
  const expression::Reasoning reasoning(first.names());
  expression::Facts facts = reasoning.facts(first.syntax(), true);
  const expression::Facts more = reasoning.facts(second.syntax(), true);
  if (facts.impossible || more.impossible) return std::nullopt;
  reasoning.join_all(facts, more);
  if (!facts.impossible) return std::nullopt;
  return expression::at(second.syntax(), expression::quoted_source(second.syntax(), second.text()) +
                                             " is never true where " +
                                             expression::quoted_source(first.syntax(), first.text()) + " is");
}

std::vector<Contradiction> dead_alternatives(const Expression& condition) {
  std::vector<Contradiction> dead;
  const expression::Ast& root = condition.syntax();
  if (root.kind != expression::AstKind::disjunction) return dead;
  const expression::Reasoning reasoning(condition.names());
  for (const expression::AstPointer& child : root.children) {
    if (reasoning.facts(*child, true).impossible) dead.push_back(expression::why(reasoning, *child, condition.text()));
  }
  if (dead.size() == root.children.size()) dead.clear();  // the whole is the contradiction
  return dead;
}

bool implies(const Expression& first, const Expression& second) {
  std::vector<const expression::Ast*> parts;
  std::vector<const expression::Ast*> needed;
  expression::conjuncts(first.syntax(), parts);
  expression::conjuncts(second.syntax(), needed);
  std::set<std::string> known;
  for (const expression::Ast* part : parts) known.insert(expression::canonical(*part));
  return std::all_of(needed.begin(), needed.end(),
                     [&](const expression::Ast* part) { return known.contains(expression::canonical(*part)); });
}

}  // namespace picket::routing
