// SPDX-License-Identifier: Apache-2.0
#include "config/daemon_schema.hpp"

namespace picket::config {

std::string_view test_schema() {
  return R"json({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "description": "One test of the routes, run by `picket test`: events go in, time passes, events come out.",
  "type": "object",
  "required": ["name", "expect"],
  "definitions": {
    "offset": {"type": "string", "format": "duration", "maximum": "10y", "description": "Since the start of the test."},
    "number": {"type": "integer", "minimum": 0, "description": "So many events, at the end of the test."},
    "fault": {
      "type": "object", "required": ["status"], "description": "What the sink does instead of taking events.",
      "properties": {
        "status": {"enum": ["busy", "refused", "away"],
                   "description": "It answers that it cannot now; it refuses for good; or it does not run."},
        "from": {"$ref": "#/definitions/offset"},
        "until": {"$ref": "#/definitions/offset"}
      }
    },
    "at": {
      "description": "When it arrives, since the start of the test: exactly, or from and to.",
      "oneOf": [
        {"type": "string", "format": "duration", "maximum": "10y"},
        {"type": "object", "required": ["from", "to"],
         "properties": {"from": {"$ref": "#/definitions/offset"}, "to": {"$ref": "#/definitions/offset"}}}
      ]
    },
    "match": {
      "type": "object",
      "description": "An event. Beside these keys: what its parts and fields are, as values or as conditions like {like: \"memory*\"}.",
      "properties": {
        "at": {"$ref": "#/definitions/at"},
        "where": {"type": "string", "maxLength": 65536, "description": "An expression that holds for the event."}
      },
      "additionalProperties": true
    },
    "call": {
      "type": "object", "description": "A call of a command.",
      "properties": {
        "at": {"$ref": "#/definitions/at"},
        "where": {"type": "string", "maxLength": 65536, "description": "An expression over the argument's values."},
        "args": {"type": "object", "description": "Values of the argument, or conditions.", "additionalProperties": true}
      }
    },
    "event": {
      "type": "object", "description": "An event. Beside these keys: its parts and fields.",
      "properties": {
        "at": {"type": "string", "format": "duration", "maximum": "10y",
               "description": "Since the start of the test. Default: as the item before."},
        "from": {"type": "string", "description": "The instance that emits it, or one of its ports, `instance.port`."},
        "every": {"type": "string", "format": "duration", "minimum": "1us", "maximum": "10y",
                  "description": "It comes again and again."},
        "until": {"type": "string", "format": "duration", "maximum": "10y",
                  "description": "No more from then on, since the start of the test."},
        "times": {"type": "integer", "minimum": 1, "maximum": 1000000, "description": "How often it comes in all."},
        "grow": {"type": "object", "additionalProperties": {"type": "number"},
                 "description": "What numbers grow by each time."},
        "file": {"type": "string", "format": "path",
                 "description": "Captured events instead, one JSON object a line; they keep their distances in time."}
      },
      "additionalProperties": true
    },
    "expectation": {
      "type": "object",
      "description": "What arrived at a destination, which calls were made, or what a ledger says.",
      "properties": {
        "route": {"type": "string", "description": "Only what this route delivered."},
        "to": {"type": "string", "description": "Only what arrived at this instance."},
        "command": {
          "type": "object", "required": ["instance", "command"], "description": "Calls instead of events.",
          "properties": {
            "instance": {"type": "string", "description": "Whose command it is."},
            "command": {"type": "string", "description": "Its name."},
            "args": {"type": "object", "description": "Only calls with these values in their argument.",
                     "additionalProperties": true}
          }
        },
        "ledger": {
          "type": "object", "required": ["route"], "description": "Numbers of events at the end.",
          "properties": {
            "route": {"type": "string", "description": "Of this route."},
            "to": {"type": "string", "description": "A destination, or `(steps)` for what lies before them."},
            "in": {"$ref": "#/definitions/number"},
            "created": {"$ref": "#/definitions/number"},
            "filtered": {"$ref": "#/definitions/number"},
            "delivered": {"$ref": "#/definitions/number"},
            "absorbed": {"$ref": "#/definitions/number"},
            "dead": {"$ref": "#/definitions/number"},
            "dropped": {"$ref": "#/definitions/number"},
            "queued": {"$ref": "#/definitions/number"},
            "in_flight": {"$ref": "#/definitions/number"}
          }
        },
        "where": {"type": "string", "maxLength": 65536, "description": "Only events for which this holds."},
        "none": {"type": "boolean", "const": true, "description": "There are none."},
        "count": {"type": "integer", "minimum": 0, "description": "There are so many."},
        "at_least": {"type": "integer", "minimum": 1, "description": "There are not less."},
        "at_most": {"type": "integer", "minimum": 0, "description": "There are not more."},
        "events": {"type": "array", "maxItems": 1000, "items": {"$ref": "#/definitions/match"},
                   "description": "These, in this order, and no others."},
        "calls": {"type": "array", "maxItems": 1000, "items": {"$ref": "#/definitions/call"},
                  "description": "These, in this order, and no others."},
        "more": {"type": "boolean", "description": "There may be others among those listed. Default: false."}
      }
    }
  },
  "properties": {
    "name": {"type": "string", "minLength": 1, "maxLength": 200, "description": "What should be so."},
    "start": {"type": "string", "default": "2026-01-01T00:00:00Z", "description": "The wall clock at the beginning."},
    "events": {"type": "array", "maxItems": 10000, "items": {"$ref": "#/definitions/event"}, "default": [],
               "description": "What the instances emit, in order of time."},
    "run_for": {"type": "string", "format": "duration", "maximum": "10y", "default": "0s",
                "description": "Time that passes after the last event."},
    "stop": {"type": "boolean", "default": false,
             "description": "At the end steps hand on what they hold, as when the daemon stops."},
    "sinks": {
      "type": "object", "default": {}, "description": "Instances that do not take events for a time.",
      "additionalProperties": {
        "oneOf": [{"$ref": "#/definitions/fault"},
                  {"type": "array", "maxItems": 1000, "items": {"$ref": "#/definitions/fault"}}]
      }
    },
    "expect": {"type": "array", "minItems": 1, "maxItems": 1000, "items": {"$ref": "#/definitions/expectation"},
               "description": "All of this must hold at the end."}
  }
})json";
}

}  // namespace picket::config
