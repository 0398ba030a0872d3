// SPDX-License-Identifier: Apache-2.0
//
// JSON Schema draft-07 of the settings of `parse`. What only some formats have is without a `default` here, so that the
// check sees who wrote it for another one; the default is in the description.
#pragma once

namespace picket::routing::parse {

inline constexpr char kSchema[] = R"json({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "parse",
  "description": "Reads the text of a field and makes fields of what is in it.",
  "type": "object",
  "additionalProperties": false,
  "required": ["format"],
  "properties": {
    "format": {"enum": ["json", "key_value", "logfmt", "regex", "syslog"], "description": "How the text is written."},
    "field": {"type": "string", "minLength": 1, "maxLength": 255, "default": "message",
              "description": "Field that holds the text. Events without it, or with a number in it, pass as they are."},
    "into": {"type": "string", "maxLength": 128, "default": "",
             "description": "What to put before each new key, with its dot: \"http.\"."},
    "keep": {"type": "boolean", "default": true,
             "description": "Whether the field that was read stays, unless a new one has its key."},
    "on_error": {"enum": ["tag", "pass", "drop"], "default": "tag",
                 "description": "What becomes of an event that cannot be read: it goes on with a field parse.error, as it was, or not at all. Counted in any case."},
    "max_bytes": {"type": "string", "format": "bytes", "minimum": "64B", "maximum": "8MiB", "default": "1MiB",
                  "description": "Longest text that is read; a longer one is an error."},
    "max_fields": {"type": "integer", "minimum": 1, "maximum": 4096, "default": 256,
                   "description": "Most fields of one text; more are an error."},
    "types": {
      "type": "object", "default": {}, "maxProperties": 256,
      "additionalProperties": {"enum": ["integer", "real", "boolean"]},
      "description": "Key, without `into`, to the type that its text becomes: {status: integer}. Other texts stay texts. An empty one and - become null."
    },
    "time": {
      "type": "object", "required": ["field"], "additionalProperties": false,
      "description": "The new field that is the time of the event.",
      "properties": {
        "field": {"type": "string", "minLength": 1, "maxLength": 255, "description": "Its key, without `into`."},
        "format": {"type": "string", "minLength": 1, "maxLength": 255, "default": "rfc3339",
                   "description": "rfc3339; unix, unix_ms, unix_us or unix_ns; or a pattern such as \"%d/%b/%Y:%H:%M:%S %z\"."},
        "keep": {"type": "boolean", "default": false, "description": "Whether it stays as a field too."}
      }
    },
    "severity": {
      "type": "object", "required": ["field"], "additionalProperties": false,
      "description": "The new field that is the severity of the event.",
      "properties": {
        "field": {"type": "string", "minLength": 1, "maxLength": 255, "description": "Its key, without `into`."},
        "map": {
          "type": "object", "default": {}, "maxProperties": 256,
          "additionalProperties": {"enum": ["trace", "debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"]},
          "description": "Text or integer, in any case, to severity: {\"30\": info}. The names of severities and common others (warn, err, fatal) are known."
        },
        "keep": {"type": "boolean", "default": false, "description": "Whether it stays as a field too."}
      }
    },
    "zone": {"type": "string", "pattern": "^(utc|local|[+-][0-9]{2}:[0-9]{2})$",
             "description": "Of times that do not name theirs: utc, local or an offset like +02:00. Default: local. For syslog, or with `time`."},
    "max_depth": {"type": "integer", "minimum": 1, "maximum": 64,
                  "description": "json: most objects and arrays inside of each other; more are an error. Default: 16."},
    "pair_separator": {"type": "string", "minLength": 1, "maxLength": 16,
                       "description": "key_value: what parts two pairs. Only blanks: any number of them. Default: a blank."},
    "value_separator": {"type": "string", "minLength": 1, "maxLength": 16,
                        "description": "key_value: what parts a key and its value. Default: =."},
    "quotes": {"type": "string", "maxLength": 8, "pattern": "^[!-/:-@\\[-`{-~]*$",
               "description": "key_value: the signs that values may stand between, to hold separators. Default: \" and '."},
    "pattern": {
      "description": "regex: a pattern in RE2's syntax with named groups, (?P<status>[0-9]+), or a list: the first that is found in the text gives the fields.",
      "oneOf": [{"type": "string", "minLength": 1, "maxLength": 4096},
                {"type": "array", "minItems": 1, "maxItems": 32, "items": {"type": "string", "minLength": 1, "maxLength": 4096}}]
    }
  }
})json";

}  // namespace picket::routing::parse
