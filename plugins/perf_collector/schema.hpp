// SPDX-License-Identifier: Apache-2.0
//
// JSON Schema draft-07 of the settings, as the library exports it. Durations are written "5s" in YAML and arrive as
// nanoseconds. settings.hpp parses what passed it.
#pragma once

namespace picket::perf_collector {

inline constexpr char kSchema[] = R"json({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "perf_collector",
  "description": "Collects the machine's performance as metric events.",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "interval": {
      "type": "string", "format": "duration", "default": "5s",
      "description": "Time between two readings, aligned to the wall clock; 100ms to 1d."
    },
    "groups": {
      "type": "object",
      "additionalProperties": false,
      "description": "What to collect. Left out: cpu, load (not on Windows), memory and processes, each with its defaults. If given, only what is named here.",
      "properties": {
        "cpu": {
          "type": "object",
          "additionalProperties": false,
          "description": "Time and utilization of the logical CPUs by mode.",
          "properties": {
            "every": {"$ref": "#/definitions/every"},
            "per_core": {"type": "boolean", "default": false, "description": "Also one series for each logical CPU."}
          }
        },
        "load": {
          "type": "object",
          "additionalProperties": false,
          "description": "Load averages. Windows has none.",
          "properties": {"every": {"$ref": "#/definitions/every"}}
        },
        "memory": {
          "type": "object",
          "additionalProperties": false,
          "description": "Physical memory by state.",
          "properties": {"every": {"$ref": "#/definitions/every"}}
        },
        "processes": {
          "type": "object",
          "additionalProperties": false,
          "description": "Processes: counts by state, chosen ones, and the largest.",
          "properties": {
            "every": {"$ref": "#/definitions/every"},
            "match": {
              "type": "array",
              "maxItems": 64,
              "description": "Processes to measure. All criteria of an entry must hold, and it has at least one.",
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["name"],
                "properties": {
                  "name": {"type": "string", "minLength": 1, "maxLength": 255, "description": "Name of the series, as the attribute picket.process.match."},
                  "executable": {"type": "string", "minLength": 1, "maxLength": 1024, "description": "Glob over the name of the program: \"nginx\"."},
                  "command": {"type": "string", "minLength": 1, "maxLength": 4096, "description": "Glob over the whole command line, arguments parted by blanks: \"*/web --port *\"."},
                  "user": {"type": "string", "minLength": 1, "maxLength": 255, "description": "The user that it runs as: a name, a numeric id, or a SID on Windows."},
                  "pid_file": {"type": "string", "format": "path", "minLength": 1, "description": "File that holds its process id."}
                }
              }
            },
            "sum": {"enum": [true, "each"], "default": true, "description": "true: one series for all processes of a match; each: one for each, at most 100, numbered."},
            "top": {"type": "integer", "minimum": 0, "maximum": 1000, "default": 0, "description": "How many programs, summed by name, to show of those that used most."},
            "by": {"enum": ["cpu", "memory"], "default": "cpu", "description": "What `top` goes by: CPU time since the last reading, or resident memory."}
          }
        }
      }
    }
  },
  "definitions": {
    "every": {
      "type": "string", "format": "duration",
      "description": "Time between two readings of this group: a multiple of the interval, which it is by default."
    }
  }
})json";

}  // namespace picket::perf_collector
