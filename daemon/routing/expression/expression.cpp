// SPDX-License-Identifier: Apache-2.0
#include "routing/expression/expression.hpp"

#include <algorithm>

#include "routing/expression/check.hpp"
#include "routing/expression/functions.hpp"
#include "routing/expression/lower.hpp"
#include "routing/expression/parser.hpp"
#include "routing/expression/scratch.hpp"
#include "routing/expression/show.hpp"
#include "routing/utf8.hpp"

namespace picket::routing {
namespace expression {

struct Program {
  std::string text;
  AstPointer ast;
  NodePointer root;
  const Names* names = nullptr;
  bool uses_scratch = false;
};

namespace {

bool uses_scratch(const Ast& ast) {
  if (ast.function != nullptr && ast.function->uses_scratch) return true;
  return std::any_of(ast.children.begin(), ast.children.end(),
                     [](const AstPointer& child) { return uses_scratch(*child); });
}

std::shared_ptr<const Program> compile_program(std::string_view text, Names& names, NamePolicy policy) {
  if (text.size() > kMaxExpressionLength) {
    fail({kMaxExpressionLength, text.size() - kMaxExpressionLength},
         "longer than " + std::to_string(kMaxExpressionLength) + " bytes");
  }
  if (const std::size_t invalid = first_invalid_utf8(text); invalid != text.size()) {
    fail({invalid, 1}, "this byte is no valid UTF-8");
  }
  const Vocabulary vocabulary(names, policy);
  auto program = std::make_shared<Program>();
  program->text = text;
  program->ast = Parser(program->text).parse();
  check(*program->ast, vocabulary);
  program->root = lower(*program->ast, vocabulary);
  program->names = &names;
  program->uses_scratch = uses_scratch(*program->ast);
  return program;
}

void explain_part(const Ast& ast, const Context& context, unsigned depth, std::vector<Verdict>& verdicts) {
  if (is_constant(ast)) return;
  const NodePointer node = lower(ast, Vocabulary(*context.names));
  Scratch::of_this_thread().reset();
  const Value value = node->evaluate(context);
  verdicts.push_back({ast.span.offset, ast.span.length, depth, value.type(), shown(value)});
  for (const AstPointer& child : ast.children) explain_part(*child, context, depth + 1, verdicts);
}

void collect_fields(const Ast& ast, std::vector<std::string>& keys) {
  if (ast.kind == AstKind::field) keys.push_back(ast.text);
  for (const AstPointer& child : ast.children) collect_fields(*child, keys);
}

}  // namespace
}  // namespace expression

using expression::CompileFailure;
using expression::Context;
using expression::Program;
using expression::Scratch;

std::string render_caret(std::string_view text, const ExpressionError& error) {
  const std::size_t offset = std::min(error.offset, text.size());
  const std::size_t before = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
  const std::size_t start = before == std::string_view::npos ? 0 : before + 1;
  const std::size_t end = std::min(text.find('\n', offset), text.size());
  std::string rendered(text.substr(start, end - start));
  if (!rendered.empty() && rendered.back() == '\r') rendered.pop_back();
  rendered += '\n';
  std::size_t at = start;
  for (; at < offset; at = next_character(text, at)) rendered += text[at] == '\t' ? '\t' : ' ';
  rendered += '^';
  const std::size_t stop = std::min(end, offset + std::min(error.length, text.size()));
  if (at >= stop) return rendered;
  for (at = next_character(text, at); at < stop; at = next_character(text, at)) rendered += '~';
  return rendered;
}

Expression::Expression(std::shared_ptr<const Program> program) : program_(std::move(program)) {}

CompileResult<Expression> Expression::compile(std::string_view text, Names& names, NamePolicy policy) {
  try {
    return Expression(expression::compile_program(text, names, policy));
  } catch (const CompileFailure& failure) {
    ExpressionError error = failure.error;
    error.offset = std::min(error.offset, text.size());
    error.length = std::min(error.length, text.size() - error.offset);
    return error;
  }
}

Value Expression::evaluate(const picket_batch& batch, const picket_event& event) const {
  if (program_->uses_scratch) Scratch::of_this_thread().reset();
  return program_->root->evaluate(Context{&batch, &event, program_->names});
}

std::vector<Verdict> Expression::explain(const picket_batch& batch, const picket_event& event) const {
  std::vector<Verdict> verdicts;
  expression::explain_part(*program_->ast, Context{&batch, &event, program_->names}, 0, verdicts);
  return verdicts;
}

bool Expression::may_be(ValueType type) const {
  return (program_->ast->types & expression::set_of(type)) != 0;
}

std::vector<std::string> Expression::fields() const {
  std::vector<std::string> keys;
  expression::collect_fields(*program_->ast, keys);
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

std::string_view Expression::text() const {
  return program_->text;
}

const expression::Ast& Expression::syntax() const {
  return *program_->ast;
}

const Names& Expression::names() const {
  return *program_->names;
}

CompileResult<Filter> Filter::compile(std::string_view text, Names& names, NamePolicy policy) {
  CompileResult<Expression> result = Expression::compile(text, names, policy);
  if (!result) return result.error();
  const expression::Ast& ast = *result.value().program_->ast;
  if (!result.value().may_be(ValueType::boolean)) {
    return ExpressionError{"a filter is true or false; this is " + expression::describe(ast.types), ast.span.offset,
                           ast.span.length};
  }
  return Filter(std::move(result.value()));
}

bool Filter::matches(const picket_batch& batch, const picket_event& event) const {
  return test(batch, event) == Truth::yes;
}

Truth Filter::test(const picket_batch& batch, const picket_event& event) const {
  const Program& program = *expression_.program_;
  if (program.uses_scratch) Scratch::of_this_thread().reset();
  return program.root->test(Context{&batch, &event, program.names});
}

std::uint32_t Filter::select(const picket_batch& batch, std::uint32_t* selection) const {
  for (std::uint32_t index = 0; index < batch.event_count; ++index) selection[index] = index;
  return narrow(batch, selection, batch.event_count);
}

std::uint32_t Filter::narrow(const picket_batch& batch, std::uint32_t* selection, std::uint32_t count) const {
  const Program& program = *expression_.program_;
  const Context context{&batch, nullptr, program.names};
  if (!program.uses_scratch) return program.root->narrow(context, selection, count);
  Scratch& scratch = Scratch::of_this_thread();
  return expression::keep_if(context, selection, count, [&](const Context& each) {
    scratch.reset();
    return program.root->test(each);
  });
}

}  // namespace picket::routing
