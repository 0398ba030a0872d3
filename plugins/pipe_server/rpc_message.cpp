// SPDX-License-Identifier: Apache-2.0
#include "rpc_message.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include <simdjson.h>

#include "event_codec.hpp"

namespace picket::pipe_server {
namespace {

using namespace std::string_view_literals;

// Why the text is no JSON, and from which byte on; the fast parser does not say where.
RpcError not_json(std::string_view line) {
  try {
    // Without a tree: a hostile nesting costs nothing.
    const bool valid = nlohmann::json::accept(line);
    if (valid) return {kRpcNoRequest, "the line is JSON that cannot be taken: too deep, or a number without end", ""};
    const auto nothing =
        nlohmann::json::parse(line, [](int, nlohmann::json::parse_event_t, nlohmann::json&) { return false; });
    static_cast<void>(nothing);
  } catch (const nlohmann::json::parse_error& error) {
    const std::size_t byte = error.byte == 0 ? 0 : error.byte - 1;
    return {kRpcNotJson, "the line is not JSON: it goes wrong at byte " + std::to_string(byte),
            R"({"byte":)" + std::to_string(byte) + "}"};
  } catch (const std::exception&) {
  }
  return {kRpcNotJson, "the line is not JSON", R"({"byte":0})"};
}

std::string_view trimmed_json(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

}  // namespace

struct RpcReader::Body {
  simdjson::ondemand::parser parser, inner;

  // The members of one request. Throws simdjson_error when the text goes wrong.
  RpcRequest take(std::string_view line, simdjson::ondemand::object object) {
    RpcRequest request;
    bool version = false;
    bool params_wrong = false;
    for (auto field : object) {
      const std::string_view key = field.unescaped_key();
      simdjson::ondemand::value value = field.value();
      if (key == "jsonrpc"sv) {
        std::string_view text;
        version = value.type() == simdjson::ondemand::json_type::string &&
                  value.get_string().get(text) == simdjson::SUCCESS && text == "2.0"sv;
      } else if (key == "id"sv) {
        const auto type = value.type().value();
        const std::string_view raw = trimmed_json(simdjson::to_json_string(value).value());
        const bool scalar = type == simdjson::ondemand::json_type::string ||
                            type == simdjson::ondemand::json_type::number ||
                            type == simdjson::ondemand::json_type::null;
        // It goes into our answers as it is, so it must be whole, which the fast parser does not look at.
        if (scalar && raw.size() <= kMaxId && !sound(raw)) throw simdjson::simdjson_error(simdjson::TAPE_ERROR);
        if (!scalar || raw.size() > kMaxId) {
          request.problem =
              RpcError{kRpcNoRequest, "`id` is neither a text, a number nor null, or is longer than 256 bytes", ""};
        } else {
          request.id = raw;
        }
      } else if (key == "method"sv) {
        std::string_view text;
        if (value.type() == simdjson::ondemand::json_type::string &&
            value.get_string().get(text) == simdjson::SUCCESS) {
          request.method = text;
        }
      } else if (key == "params"sv) {
        const auto type = value.type().value();
        const std::string_view raw = trimmed_json(simdjson::to_json_string(value).value());
        if (type == simdjson::ondemand::json_type::object) {
          request.params = raw;
          request.params_byte = static_cast<std::size_t>(raw.data() - line.data());
        } else if (type != simdjson::ondemand::json_type::null) {
          params_wrong = true;
        }
      }
    }
    if (!request.problem && !version) request.problem = RpcError{kRpcNoRequest, R"(`jsonrpc` is not "2.0")", ""};
    if (!request.problem && request.method.empty())
      request.problem = RpcError{kRpcNoRequest, "`method` is missing", ""};
    if (!request.problem && params_wrong) {
      request.problem = RpcError{kRpcBadParams, "`params` is no object; parameters are named here", R"({"path":""})"};
    }
    return request;
  }

  // A value as JSON must be whole: what the fast parser skipped may be broken.
  static bool sound(std::string_view json) { return json.empty() || nlohmann::json::accept(json); }
};

RpcReader::RpcReader() : body_(std::make_unique<Body>()) {}
RpcReader::~RpcReader() = default;

RpcLine RpcReader::read(std::string_view line) {
  RpcLine result;
  try {
    const simdjson::padded_string_view text(line.data(), line.size(), line.size() + simdjson::SIMDJSON_PADDING);
    simdjson::ondemand::document document = body_->parser.iterate(text);
    const auto type = document.type().value();
    if (type == simdjson::ondemand::json_type::object) {
      result.requests.push_back(body_->take(line, document.get_object()));
    } else if (type == simdjson::ondemand::json_type::array) {
      result.array = true;
      simdjson::ondemand::array array = document.get_array();
      for (auto element : array) {
        if (result.requests.size() >= kMaxBatch) {
          result.requests.clear();
          result.problem = RpcError{kRpcLimit, "the array has more than 1,024 requests", rpc_data("limit", "batch")};
          return result;
        }
        simdjson::ondemand::value value = element.value();
        if (value.type() == simdjson::ondemand::json_type::object) {
          result.requests.push_back(body_->take(line, value.get_object()));
        } else {
          static_cast<void>(simdjson::to_json_string(value).value());
          RpcRequest request;
          request.id = "null";
          request.problem = RpcError{kRpcNoRequest, "this is no object", ""};
          result.requests.push_back(std::move(request));
        }
      }
      if (result.requests.empty()) result.problem = RpcError{kRpcNoRequest, "the array is empty", ""};
    } else {
      result.problem = RpcError{kRpcNoRequest, "the line is neither an object nor an array", ""};
      if (!Body::sound(line)) result.problem = not_json(line);
      return result;
    }
    // Behind the last token there is none to stand on.
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
      throw simdjson::simdjson_error(simdjson::TAPE_ERROR);
    }
  } catch (const simdjson::simdjson_error&) {
    result.requests.clear();
    result.problem = not_json(line);
  }
  return result;
}

std::optional<std::vector<std::string_view>> RpcReader::elements(std::string_view text) {
  try {
    const simdjson::padded_string_view padded(text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING);
    simdjson::ondemand::document document = body_->inner.iterate(padded);
    if (document.type() != simdjson::ondemand::json_type::array) return std::nullopt;
    std::vector<std::string_view> elements;
    for (auto element : document.get_array()) {
      elements.push_back(trimmed_json(simdjson::to_json_string(element.value()).value()));
    }
    return elements;
  } catch (const simdjson::simdjson_error&) {
    return std::nullopt;
  }
}

std::string_view RpcReader::member(std::string_view text, std::string_view key) {
  try {
    const simdjson::padded_string_view padded(text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING);
    simdjson::ondemand::document document = body_->inner.iterate(padded);
    for (auto field : document.get_object()) {
      const std::string_view name = field.unescaped_key();
      simdjson::ondemand::value value = field.value();
      if (name == key) return trimmed_json(simdjson::to_json_string(value).value());
    }
  } catch (const simdjson::simdjson_error&) {
  }
  return {};
}

std::string rpc_result(std::string_view id, std::string_view result_json) {
  std::string out = R"({"jsonrpc":"2.0","id":)";
  out += id.empty() ? "null"sv : id;
  out += R"(,"result":)";
  out += result_json;
  out += '}';
  return out;
}

std::string rpc_error(std::string_view id, const RpcError& error) {
  std::string out = R"({"jsonrpc":"2.0","id":)";
  out += id.empty() ? "null"sv : id;
  out += R"(,"error":{"code":)" + std::to_string(error.code) + R"(,"message":)";
  encode_text(error.message, out);
  if (!error.data.empty()) out += R"(,"data":)" + error.data;
  out += "}}";
  return out;
}

std::string rpc_status_data(picket_status status) {
  switch (status) {
    case PICKET_BUSY:
      return R"({"status":"BUSY"})";
    case PICKET_INVALID:
      return R"({"status":"INVALID"})";
    case PICKET_UNSUPPORTED:
      return R"({"status":"UNSUPPORTED"})";
    case PICKET_NOT_FOUND:
      return R"({"status":"NOT_FOUND"})";
    case PICKET_REFUSED:
      return R"({"status":"REFUSED"})";
    case PICKET_TIMEOUT:
      return R"({"status":"TIMEOUT"})";
    case PICKET_CANCELLED:
      return R"({"status":"CANCELLED"})";
    case PICKET_LIMIT:
      return R"({"status":"LIMIT"})";
    case PICKET_DENIED:
      return R"({"status":"DENIED"})";
    case PICKET_DROPPED:
      return R"({"status":"DROPPED"})";
    default:
      return R"({"status":"FAILED"})";
  }
}

std::string rpc_data(std::string_view key, std::string_view text) {
  std::string out = "{";
  encode_text(key, out);
  out += ':';
  encode_text(text, out);
  return out + "}";
}

RpcCode rpc_code_of(picket_status status) {
  switch (status) {
    case PICKET_INVALID:
      return kRpcBadParams;
    case PICKET_NOT_FOUND:
      return kRpcNotFound;
    case PICKET_TIMEOUT:
    case PICKET_CANCELLED:
      return kRpcTimeout;
    case PICKET_LIMIT:
      return kRpcLimit;
    case PICKET_DENIED:
      return kRpcDenied;
    default:
      return kRpcFailed;
  }
}

std::string rpc_suggestion(std::string_view word, const std::vector<std::string_view>& known) {
  std::size_t best = 4;  // more different than that is another word
  std::string_view nearest;
  if (word.size() > 64) return "";
  for (const std::string_view candidate : known) {
    std::vector<std::size_t> row(candidate.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= word.size(); ++i) {
      std::size_t diagonal = row[0];
      row[0] = i;
      for (std::size_t j = 1; j <= candidate.size(); ++j) {
        const std::size_t replaced = diagonal + (word[i - 1] == candidate[j - 1] ? 0 : 1);
        diagonal = row[j];
        row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
      }
    }
    if (row.back() < best) {
      best = row.back();
      nearest = candidate;
    }
  }
  return nearest.empty() ? "" : "; did you mean `" + std::string(nearest) + "`?";
}

}  // namespace picket::pipe_server
