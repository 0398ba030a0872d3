// SPDX-License-Identifier: Apache-2.0
#include "routing/commands/outcome.hpp"

#include <algorithm>

#include "routing/utf8.hpp"

namespace picket::routing {
namespace {

constexpr std::uint32_t kOutcomeFields = 12;
constexpr std::size_t kMaxOutcomeText = 4'096;  // bytes of a message

// At most `most` bytes, cut at the end of a character.
std::string_view cut_text(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) --most;
  return text.substr(0, most);
}

}  // namespace

std::string_view to_string(CallResult result) {
  switch (result) {
    case CallResult::done:
      return "done";
    case CallResult::failed:
      return "failed";
    case CallResult::timed_out:
      return "timed_out";
    case CallResult::limited:
      return "limited";
    case CallResult::unknown:
      break;
  }
  return "unknown";
}

CallResult call_result_of(picket_status status) {
  if (status == PICKET_OK) return CallResult::done;
  if (status == PICKET_TIMEOUT) return CallResult::timed_out;
  return CallResult::failed;
}

std::string_view call_status_name(picket_status status) {
  switch (status) {
    case PICKET_OK:
      return "ok";
    case PICKET_BUSY:
      return "busy";
    case PICKET_PENDING:
      return "pending";
    case PICKET_INVALID:
      return "invalid";
    case PICKET_UNSUPPORTED:
      return "unsupported";
    case PICKET_NOT_FOUND:
      return "not_found";
    case PICKET_REFUSED:
      return "refused";
    case PICKET_TIMEOUT:
      return "timeout";
    case PICKET_CANCELLED:
      return "cancelled";
    case PICKET_LIMIT:
      return "limit";
    case PICKET_DENIED:
      return "denied";
    case PICKET_DROPPED:
      return "dropped";
    default:
      return "failed";
  }
}

std::string call_link(std::string_view route, std::string_view instance, std::string_view command) {
  std::string link(route);
  link += ':';
  link += instance;
  link += '.';
  for (const char c : command) link += c == ',' ? '_' : c;
  return link;
}

bool chain_holds(std::string_view chain, std::string_view link) {
  while (!chain.empty()) {
    const std::string_view first = chain.substr(0, chain.find(','));
    if (first == link) return true;
    chain.remove_prefix(std::min(first.size() + 1, chain.size()));
  }
  return false;
}

std::string_view chain_of(const picket_batch& batch, const picket_event& event, Names& names) {
  if (names.text(event.kind) != "command" || names.text(event.source) != "picket") return {};
  const picket_field* const field = picket_batch_find(&batch, &event, names.find("chain"));
  if (field == nullptr || field->type != PICKET_TYPE_TEXT) return {};
  const picket_str text = picket_batch_field_bytes(&batch, field);
  return {text.data, text.length};
}

picket_batch* outcome_event(const CallOutcome& outcome, Names& names) {
  std::string message = outcome.message.substr(0, 2 * kMaxOutcomeText);
  if (!is_valid_utf8(message)) message = "(the answer is not UTF-8)";
  const std::string_view text = cut_text(message, kMaxOutcomeText);
  const bool with_reply = !outcome.reply.empty() && outcome.reply.size() <= kMaxReply && is_valid_utf8(outcome.reply);
  const std::size_t bytes = text.size() + (with_reply ? outcome.reply.size() : 0) + outcome.route.size() +
                            outcome.instance.size() + outcome.command.size() + outcome.cause_source.size() +
                            outcome.chain.size() + 64;
  picket_batch* const batch = batch_new(1, kOutcomeFields, static_cast<std::uint32_t>(bytes));
  if (batch == nullptr) return nullptr;
  picket_event* const event = picket_batch_event(batch, names.intern("command"));
  event->severity = outcome.result == CallResult::done ? PICKET_SEVERITY_INFO : PICKET_SEVERITY_WARNING;
  const auto add_text = [&](const char* key, std::string_view value) {
    picket_batch_text(batch, names.intern(key), picket_str_of(value.data(), value.size()));
  };
  add_text("route", outcome.route);
  add_text("instance", outcome.instance);
  add_text("command", outcome.command);
  add_text("outcome", to_string(outcome.result));
  add_text("status", call_status_name(outcome.status));
  add_text("message", text);
  picket_batch_int(batch, names.intern("duration_ns"), outcome.duration_ns);
  if (outcome.count != 1) picket_batch_int(batch, names.intern("count"), static_cast<std::int64_t>(outcome.count));
  if (with_reply) {
    picket_batch_heap(batch, names.intern("reply"), PICKET_TYPE_JSON,
                      picket_str_of(outcome.reply.data(), outcome.reply.size()));
  }
  picket_batch_int(batch, names.intern("cause.sequence"), static_cast<std::int64_t>(outcome.cause_sequence));
  add_text("cause.source", outcome.cause_source);
  add_text("chain", outcome.chain);
  return batch;
}

}  // namespace picket::routing
