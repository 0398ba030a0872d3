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
    "os_log": {
      "type": "object", "default": {},
      "description": "Where audit records, and the daemon's start, stop and changes of configuration, are written for the administrator: the journal, else syslog, else the daemon's log. On Windows the Event Log.",
      "properties": {
        "enabled": {"type": "boolean", "default": true, "description": "false: they go to the daemon's log only."},
        "journal": {"type": "string", "pattern": "^/", "default": "/run/systemd/journal/socket",
                    "description": "The socket of journald's native protocol (Linux)."},
        "syslog": {"type": "string", "pattern": "^/", "default": "/dev/log",
                   "description": "The socket of the local syslog, for when the journal does not answer (Linux)."}
      }
    },
    "dead_letters": {
      "type": "object", "default": {},
      "description": "Files of the events that sinks refused for good, below state_dir/dead.",
      "properties": {
        "enabled": {"type": "boolean", "default": true, "description": "Whether they are written."},
        "max_size": {"type": "string", "format": "bytes", "minimum": "64KiB", "maximum": "1TiB", "default": "64MiB",
                     "description": "The most that the files of one destination of one route take; the oldest go first."}
      }
    },
    "threads": {"type": "integer", "minimum": 1, "maximum": 64, "default": 2,
                "description": "Of the pool that instances share."},
    "recorder": {
      "type": "object", "default": {},
      "description": "The flight recorder: the latest events, decisions and log lines, kept in memory and written to state_dir/recorder after a crash or when asked.",
      "properties": {
        "size": {"type": "string", "format": "bytes", "maximum": "1GiB", "default": "1MiB",
                 "description": "Memory that it may take; 0 turns it off, else at least 64KiB."},
        "keep": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 5,
                 "description": "Files that are kept, the newest ones."}
      }
    },
    "reload": {
      "type": "object", "default": {}, "description": "How a new configuration is put in force.",
      "properties": {
        "health_deadline": {"type": "string", "format": "duration", "minimum": "0s", "maximum": "1h", "default": "10s",
                            "description": "What a reload starts or changes must run and not be of bad health within this, else the previous configuration is put back. 0s: it stays whatever happens."}
      }
    },
    "watch_config": {"type": "boolean", "default": false,
                     "description": "Reload when the files change, as SIGHUP would."},
    "watch_delay": {"type": "string", "format": "duration", "minimum": "10ms", "maximum": "1h", "default": "1s",
                    "description": "With watch_config: how long the files must have been left alone first."}
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
    "on_full": {"enum": ["block", "drop_newest", "drop_oldest", "spill"],
                "description": "What happens when the queue has no room: hold the source, lose events (counted), or put them on disk."},
    "on_spool_full": {"enum": ["block", "drop_newest", "drop_oldest"],
                      "description": "What happens when the spool has no room or the disk fails. Default: what on_full says; block with on_full: spill."},
    "durable": {"type": "boolean",
                "description": "Every batch is on disk before its source hears that it is acknowledged."},
    "queue": {
      "type": "object", "description": "Limits of the queue of one destination; both hold.",
      "properties": {
        "events": {"type": "integer", "minimum": 1, "maximum": 100000000,
                   "description": "The most events that wait. Default: 100000."},
        "bytes": {"type": "string", "format": "bytes", "minimum": "4KiB", "maximum": "1TiB",
                  "description": "The most memory that waiting events take. Default: 64MiB; 1MiB with on_full: drop_oldest when `queue` says neither `events` nor `bytes`."},
        "spool": {"type": "string", "format": "bytes", "minimum": "64KiB", "maximum": "16TiB",
                  "description": "The most that waits on disk, with durable or on_full: spill. Default 1GiB."}
      }
    },
    "destination": {
      "type": "object", "required": ["instance"], "description": "A destination with a queue of its own kind.",
      "properties": {
        "instance": {"type": "string", "description": "The instance; with `command` also `picket`, the daemon itself."},
        "command": {"type": "string", "minLength": 1, "maxLength": 64,
                    "description": "Each event calls this command of the instance, instead of being given to it."},
        "args": {"type": "object", "description": "The command's argument; texts in it are templates: `{field}`."},
        "limit": {
          "type": "object", "description": "The most calls; what exceeds it is counted and told. Default: 10 per 1m.",
          "properties": {
            "count": {"type": "integer", "minimum": 1, "maximum": 1000000,
                      "description": "Calls, and the largest burst. Default: 10."},
            "per": {"type": "string", "format": "duration", "minimum": "1s", "maximum": "1d",
                    "description": "In this time. Default: 1m."}
          }
        },
        "timeout": {"type": "string", "format": "duration", "minimum": "10ms", "maximum": "1d",
                    "description": "How long a call may take. Default: 30s."},
        "retry_for": {"type": "string", "format": "duration", "maximum": "1d",
                      "description": "How long a call that the instance cannot take now is tried again. Default: 5m."},
        "parallel": {"type": "integer", "minimum": 1, "maximum": 64,
                     "description": "Calls that are open at once; more than one gives up their order. Default: 1."},
        "queue": {"$ref": "#/definitions/queue"},
        "on_full": {"$ref": "#/definitions/on_full"},
        "on_spool_full": {"$ref": "#/definitions/on_spool_full"},
        "durable": {"$ref": "#/definitions/durable"}
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
    "steps": {"description": "What happens to the events on the way, in this order; see `picket steps list`.",
              "type": "array", "maxItems": 64,
              "items": {"type": "object", "minProperties": 1, "maxProperties": 1,
                        "description": "The type of the step: its settings."}},
    "queue": {"$ref": "#/definitions/queue"},
    "on_full": {"$ref": "#/definitions/on_full"},
    "on_spool_full": {"$ref": "#/definitions/on_spool_full"},
    "durable": {"$ref": "#/definitions/durable"}
  }
})json";
}

}  // namespace picket::config
