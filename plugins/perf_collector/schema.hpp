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
        "cgroups": {
          "type": "object",
          "additionalProperties": false,
          "description": "Control groups of version 2: services, scopes and slices of systemd, containers. Linux only.",
          "properties": {
            "every": {"$ref": "#/definitions/every"},
            "include": {"type": "array", "maxItems": 64, "items": {"type": "string", "minLength": 1}, "description": "Globs over paths below the root: \"system.slice/*\". Left out: all of them."},
            "exclude": {"type": "array", "maxItems": 64, "items": {"type": "string", "minLength": 1}, "default": [], "description": "Globs over the same paths; they win."},
            "depth": {"type": "integer", "minimum": 1, "maximum": 16, "default": 2, "description": "Parts of a path, at most."},
            "limit": {"type": "integer", "minimum": 1, "maximum": 10000, "default": 200, "description": "Control groups, at most; further ones are left out until there is room."}
          }
        },
        "files": {
          "type": "array",
          "maxItems": 256,
          "description": "Numbers from text files: /sys, /proc, what other programs write.",
          "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["name", "path"],
            "properties": {
              "name": {"type": "string", "minLength": 1, "maxLength": 255, "description": "Name of the metric: \"my.temperature\"."},
              "path": {"type": "string", "format": "path", "minLength": 1, "description": "The file; a glob reads all that match, and the attribute picket.file says which."},
              "regex": {"type": "string", "minLength": 1, "description": "RE2; the number is the group named value, else the first one, else the whole match. ^ and $ are those of lines."},
              "line": {"type": "string", "minLength": 1, "description": "Without regex: how the line starts that holds the number. Left out: the first line."},
              "column": {"type": "integer", "minimum": 1, "maximum": 10000, "default": 1, "description": "Without regex: which word of the line is the number."},
              "each": {"type": "string", "minLength": 1, "maxLength": 255, "description": "Every match or line, not only the first one; this attribute tells them apart: the regex's other group, or the first word of the line."},
              "scale": {"type": "number", "default": 1, "description": "The value is the number times this."},
              "unit": {"type": "string", "minLength": 1, "maxLength": 63, "description": "UCUM: \"Cel\", \"By\", \"{packet}\"."},
              "instrument": {"enum": ["gauge", "counter", "updowncounter"], "default": "gauge", "description": "counter: it only grows."},
              "decimals": {"type": "integer", "minimum": 0, "maximum": 15, "description": "Meaningful decimal places; a store may round a gauge to them. Left out: not known."},
              "attributes": {"type": "object", "maxProperties": 16, "additionalProperties": {"type": "string", "maxLength": 255}, "description": "Further attributes of the series."},
              "every": {"$ref": "#/definitions/every"}
            }
          }
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
                  "executable": {"type": "string", "minLength": 1, "maxLength": 1024, "description": "Glob over the name of the program: \"nginx\". With a slash: over the path of its file."},
                  "command": {"type": "string", "minLength": 1, "maxLength": 4096, "description": "Glob over the whole command line, arguments parted by blanks: \"*/web --port *\"."},
                  "user": {"type": "string", "minLength": 1, "maxLength": 255, "description": "The user that it runs as: a name, a numeric id, or a SID on Windows."},
                  "pid_file": {"type": "string", "format": "path", "minLength": 1, "description": "File that holds its process id."},
                  "cgroup": {"type": "string", "minLength": 1, "maxLength": 4096, "description": "Glob over its control group: \"/system.slice/*\". Linux only."},
                  "unit": {"type": "string", "minLength": 1, "maxLength": 255, "description": "Glob over the systemd units that it is in: \"ssh.service\", \"user-*.slice\". Linux only."},
                  "sum": {"$ref": "#/definitions/sum"},
                  "detail": {"$ref": "#/definitions/detail"}
                }
              }
            },
            "sum": {"$ref": "#/definitions/sum"},
            "detail": {"$ref": "#/definitions/detail"},
            "top": {"type": "integer", "minimum": 0, "maximum": 1000, "default": 0, "description": "How many programs, summed by name, to show of those that used most."},
            "by": {"enum": ["cpu", "memory", "io"], "default": "cpu", "description": "What `top` goes by: CPU time since the last reading, resident memory, or bytes read from and written to storage (reads a further file of every process)."},
            "top_detail": {"type": "array", "uniqueItems": true, "items": {"$ref": "#/definitions/detail_name"}, "default": [], "description": "More figures of the programs of `top`; all but the free ones are read of every process."},
            "budget": {"type": "integer", "minimum": 10, "maximum": 1000000, "default": 2500, "description": "Processes read at one tick; of more, some are read at each tick in turn."}
          }
        }
      }
    }
  },
  "definitions": {
    "sum": {"enum": [true, "each"], "default": true, "description": "true: one series for all processes of a match; each: one for each, at most 100, numbered. Given for the group, it is the default of its matches."},
    "detail_name": {
      "enum": ["threads", "faults", "uptime", "io", "shared", "switches", "files", "pss"],
      "description": "threads, faults and uptime cost nothing; io, shared and switches a further file of each process; files and pss are dear."
    },
    "detail": {
      "type": "array", "uniqueItems": true, "items": {"$ref": "#/definitions/detail_name"}, "default": ["threads", "faults", "uptime"],
      "description": "Figures of the processes of a match beyond CPU time and memory. Given for the group, it is the default of its matches."
    },
    "every": {
      "type": "string", "format": "duration",
      "description": "Time between two readings of this group: a multiple of the interval, which it is by default."
    }
  }
})json";

}  // namespace picket::perf_collector
