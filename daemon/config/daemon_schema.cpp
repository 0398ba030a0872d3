// SPDX-License-Identifier: Apache-2.0
#include "config/daemon_schema.hpp"

namespace picket::config {

std::string_view daemon_schema() {
  return R"json({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "description": "Settings of the daemon itself.",
  "type": "object",
  "properties": {
    "log": {
      "type": "object", "default": {}, "description": "What the daemon says about itself.",
      "properties": {
        "level": {"enum": ["trace", "debug", "info", "warning", "error", "critical"], "default": "info",
                  "description": "The least severe message that is written."},
        "format": {"enum": ["text", "json"], "default": "text", "description": "One line, or one JSON object, a message."}
      }
    },
    "state_dir": {"type": "string", "format": "path",
                  "description": "Where everything durable is kept. Default: STATE_DIRECTORY, else the system's place."},
    "plugin_dirs": {"type": "array", "minItems": 1, "maxItems": 64, "items": {"type": "string", "format": "path"},
                    "description": "Where plugins are looked for, in this order. Default: PICKET_PLUGIN_PATH, else beside the program."},
    "secrets_dir": {"type": "string", "format": "path",
                    "description": "Where `!secret NAME` is looked for, after the credentials of systemd."},
    "stop_timeout": {"type": "string", "format": "duration", "minimum": "100ms", "maximum": "1h", "default": "10s",
                     "description": "How long a stop may drain queues."},
    "metrics": {
      "type": "object", "default": {}, "description": "The daemon's own counters, as events of the source `picket`.",
      "properties": {
        "interval": {"type": "string", "format": "duration", "minimum": "100ms", "maximum": "1d", "default": "10s",
                     "description": "How often they are published."}
      }
    },
    "threads": {"type": "integer", "minimum": 1, "maximum": 64, "default": 2,
                "description": "Of the pool that instances share."}
  }
})json";
}

std::string_view route_schema() {
  return R"json({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "description": "One route: events from sources, through a filter, to destinations.",
  "type": "object",
  "required": ["from", "to"],
  "definitions": {
    "source": {"type": "string", "description": "`instance`, or `instance.port` for one of its ports."},
    "on_full": {"enum": ["block", "drop_newest", "drop_oldest"],
                "description": "What happens when the queue has no room: hold the source, or lose events (counted)."},
    "queue": {
      "type": "object", "description": "Limits of the queue of one destination; both hold.",
      "properties": {
        "events": {"type": "integer", "minimum": 1, "maximum": 100000000},
        "bytes": {"type": "string", "format": "bytes", "minimum": "4KiB", "maximum": "1TiB"}
      }
    },
    "destination": {
      "type": "object", "required": ["instance"],
      "properties": {
        "instance": {"type": "string"},
        "queue": {"$ref": "#/definitions/queue"},
        "on_full": {"$ref": "#/definitions/on_full"}
      }
    },
    "to": {"oneOf": [{"type": "string"}, {"$ref": "#/definitions/destination"}]}
  },
  "properties": {
    "from": {"description": "One source or a list. `picket` is the daemon itself.",
             "oneOf": [{"$ref": "#/definitions/source"},
                       {"type": "array", "minItems": 1, "maxItems": 1000, "items": {"$ref": "#/definitions/source"}}]},
    "where": {"type": "string", "maxLength": 65536, "description": "Which events pass; every one when absent."},
    "to": {"description": "One destination or a list. Each has its own queue.",
           "oneOf": [{"type": "string"}, {"$ref": "#/definitions/destination"},
                     {"type": "array", "minItems": 1, "maxItems": 1000, "items": {"$ref": "#/definitions/to"}}]},
    "queue": {"$ref": "#/definitions/queue"},
    "on_full": {"$ref": "#/definitions/on_full"}
  }
})json";
}

}  // namespace picket::config
