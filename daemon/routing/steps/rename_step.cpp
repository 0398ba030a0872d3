// SPDX-License-Identifier: Apache-2.0
//
// `rename`: gives fields other keys. Stateless.
#include <algorithm>
#include <set>

#include "routing/steps/event_writer.hpp"
#include "routing/steps/field_keys.hpp"
#include "routing/steps/step_catalogue.hpp"

namespace picket::routing {
namespace {

constexpr const char* kRenameSchema = R"json({
  "type": "object",
  "description": "Gives fields other keys. A field that has the new key already gives way; two fields can be swapped.",
  "required": ["fields"],
  "properties": {
    "fields": {"type": "object", "examples": [{"msg": "message"}], "minProperties": 1, "maxProperties": 256,
               "propertyNames": {"minLength": 1, "maxLength": 255},
               "additionalProperties": {"type": "string", "minLength": 1, "maxLength": 255},
               "description": "The new key of each field by the one that it has, like {msg: message}."}
  }
})json";

class RenameStep final : public Step {
 public:
  RenameStep(const nlohmann::json& settings, const StepContext& context) {
    for (const auto& [from, to] : settings["fields"].items()) {
      from_.add(from, context.names);
      to_.add(to.get_ref<const std::string&>(), context.names);
    }
    given_.resize(from_.size());
  }

  void process(const Events& in, Output& out) override {
    bool any = false;
    for (std::uint32_t i = 0; i < in.count() && !any; ++i) any = concerns(in.batch(), in[i]);
    if (!any) return out.pass(in);
    writer_.begin_batch(out);
    for (std::uint32_t i = 0; i < in.count(); ++i) rewrite(in.batch(), in[i]);
    writer_.flush();
  }

 private:
  bool concerns(const picket_batch& batch, const picket_event& event) const {
    const picket_field* const first = batch.fields + event.first_field;
    return std::any_of(first, first + event.field_count,
                       [&](const auto& field) { return from_.find(batch, field) != FieldKeys::kNone; });
  }

  void rewrite(const picket_batch& batch, const picket_event& event) {
    std::fill(given_.begin(), given_.end(), false);
    const picket_field* const first = batch.fields + event.first_field;
    const picket_field* const end = first + event.field_count;
    for (const picket_field* field = first; field != end; ++field) {
      if (const std::size_t place = from_.find(batch, *field); place != FieldKeys::kNone) given_[place] = true;
    }
    writer_.begin_copy(event);
    for (const picket_field* field = first; field != end; ++field) {
      const std::size_t place = from_.find(batch, *field);
      if (place != FieldKeys::kNone) {
        picket_field renamed = *field;
        renamed.key = to_.id(place);
        writer_.field(batch, renamed);
        continue;
      }
      const std::size_t taken = to_.find(batch, *field);
      if (taken == FieldKeys::kNone || !given_[taken]) writer_.field(batch, *field);
    }
  }

  FieldKeys from_;
  FieldKeys to_;             // as from_
  std::vector<bool> given_;  // as from_: the event at hand has it
  EventWriter writer_;
};

std::vector<StepProblem> check_rename(const nlohmann::json& settings, Names& /*names*/) {
  std::vector<StepProblem> problems;
  std::set<std::string> seen;
  for (const auto& [from, target] : settings["fields"].items()) {
    const std::string pointer = (nlohmann::json::json_pointer("/fields") / from).to_string();
    const auto to = target.get<std::string>();
    if (from == to) problems.push_back({pointer, 0, "`" + from + "` has this key already"});
    if (!seen.insert(to).second) {
      problems.push_back({pointer, 0, "another field gets the key `" + to + "` too"});
    }
  }
  return problems;
}

}  // namespace

const StepType kRenameStep = {"rename", "Give fields other keys", kRenameSchema,
                              [](const nlohmann::json& settings, const StepContext& context) -> std::unique_ptr<Step> {
                                return std::make_unique<RenameStep>(settings, context);
                              },
                              check_rename};

}  // namespace picket::routing
