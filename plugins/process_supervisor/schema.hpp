// SPDX-License-Identifier: Apache-2.0
//
// The settings' schema, JSON Schema draft-07. `picket plugins describe process_supervisor` prints it as commented YAML.
// settings.hpp parses what passed it, and checks what no schema can say.
#pragma once

namespace picket::process_supervisor {

inline constexpr char kSchema[] = R"json({
  "type": "object",
  "additionalProperties": false,
  "examples": [{"programs": {"web": {"command": ["/usr/bin/web"]}}}],
  "definitions": {
    "names": {"type": "array", "maxItems": 256, "items": {"type": "string", "minLength": 1, "maxLength": 64}, "default": [], "description": "Names of programs, of one instance of a program (web@1), or of groups."},
    "command": {"type": "array", "minItems": 1, "maxItems": 1024, "items": {"type": "string"}, "description": "A program and its arguments; no shell. Without a slash the program is looked for on PATH."},
    "nice": {"type": "integer", "minimum": -20, "maximum": 19, "description": "From -20, first, to 19, last."},
    "io_class": {"enum": ["none", "realtime", "best_effort", "idle"], "description": "Class of its input and output; none: follows nice. Linux only."},
    "io_level": {"type": "integer", "minimum": 0, "maximum": 7, "description": "Within realtime and best_effort, from 0, first, to 7."},
    "affinity": {"type": "array", "minItems": 1, "maxItems": 1024, "items": {"type": "integer", "minimum": 0, "maximum": 4095}, "description": "The only CPUs that it may use, by number."},
    "oom_score": {"type": "integer", "minimum": -1000, "maximum": 1000, "description": "How readily the system kills it when memory is short; -1000: never. Linux only."},
    "program": {
      "type": "object",
      "additionalProperties": false,
      "required": ["command"],
      "properties": {
        "command": {"$ref": "#/definitions/command"},
        "directory": {"type": "string", "format": "path", "description": "Where it runs; left out: the root of the file system."},
        "user": {"type": "string", "minLength": 1, "description": "User, by name or number, that it runs as; left out: the daemon's."},
        "group": {"type": "string", "minLength": 1, "description": "Group, by name or number; left out: the main group of the user."},
        "groups": {"type": "array", "maxItems": 64, "items": {"type": "string", "minLength": 1}, "default": [], "description": "Supplementary groups, by name or number: exactly these. Left out: those of the user."},
        "umask": {"type": "string", "pattern": "^0?[0-7]{3}$", "default": "022", "description": "Permissions that its new files do not get."},
        "environment": {"type": "object", "maxProperties": 1024, "additionalProperties": {"type": "string"}, "default": {}, "description": "Variables; they win over those of environment_files. It gets PATH, and nothing else of the daemon's own. {instance} in a value, in the command or in the directory is the number of the instance (1 to count), {program} its name."},
        "environment_files": {"type": "array", "maxItems": 32, "default": [], "description": "Files of NAME=VALUE lines, read at each start. A later one wins.", "items": {"oneOf": [
          {"type": "string", "format": "path", "minLength": 1},
          {"type": "object", "additionalProperties": false, "required": ["path"], "properties": {
            "path": {"type": "string", "format": "path", "minLength": 1, "description": "The file."},
            "optional": {"type": "boolean", "default": false, "description": "May be missing."}}}]}},
        "type": {"enum": ["service", "task"], "default": "service", "description": "A service is to stay up; a task is to end: what requires it waits for its success."},
        "autostart": {"type": "boolean", "default": true, "description": "Start it with the daemon. Off: only by command, by its schedule, or because another one requires it. A program with a schedule starts with the daemon only by schedule.at_start."},
        "count": {"type": "integer", "minimum": 1, "maximum": 1000, "description": "So many instances: NAME@1, NAME@2, ... Left out: one, which has no number."},
        "restart": {"enum": ["always", "on-failure", "never"], "default": "on-failure", "description": "What to do when it ends by itself. A failure is an exit code that is not in success_codes, a signal, or a start that did not work."},
        "success_codes": {"type": "array", "minItems": 1, "maxItems": 256, "items": {"type": "integer", "minimum": 0, "maximum": 255}, "default": [0], "description": "Exit codes that are no failure."},
        "backoff": {
          "type": "object", "additionalProperties": false, "default": {},
          "description": "How long to wait before it is started again.",
          "properties": {
            "initial": {"type": "string", "format": "duration", "minimum": "0s", "maximum": "1h", "default": "100ms", "description": "After the first failure."},
            "factor": {"type": "number", "minimum": 1, "maximum": 10, "default": 2, "description": "So many times longer after each further one."},
            "max": {"type": "string", "format": "duration", "minimum": "0s", "maximum": "1d", "default": "30s", "description": "Never longer."},
            "jitter": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.2, "description": "Each delay is up to this part of it shorter, by chance."},
            "reset_after": {"type": "string", "format": "duration", "minimum": "1ms", "maximum": "1d", "default": "60s", "description": "Up for so long, and its failures are forgotten."}
          }
        },
        "give_up_after": {"type": "integer", "minimum": 0, "maximum": 1000000, "default": 0, "description": "After so many failures in a row it is not started again; 0: never given up."},
        "ready": {
          "type": "object", "additionalProperties": false,
          "description": "When it counts as up: at most one kind. Left out: as soon as it runs.",
          "properties": {
            "notify": {"type": "boolean", "description": "It says READY=1 by the notify protocol (NOTIFY_SOCKET)."},
            "port": {"type": ["integer", "string"], "description": "A TCP port of this machine, HOST:PORT, or unix:PATH, that takes connections."},
            "http": {"type": "string", "pattern": "^http://", "description": "A URL whose answer has status 200 to 399."},
            "command": {"$ref": "#/definitions/command"},
            "log": {"type": "string", "minLength": 1, "description": "A regular expression (RE2); a line of its output fits it."},
            "file": {"type": "string", "format": "path", "minLength": 1, "description": "A file that is there, and was written after the start."},
            "timeout": {"type": "string", "format": "duration", "minimum": "1ms", "maximum": "1d", "default": "60s", "description": "Not ready after so long, it is ended, which is a failure."},
            "every": {"type": "string", "format": "duration", "minimum": "10ms", "maximum": "1h", "default": "250ms", "description": "Time between two looks."},
            "attempt": {"type": "string", "format": "duration", "minimum": "10ms", "maximum": "1h", "default": "2s", "description": "How long one look may take."}
          }
        },
        "healthy": {
          "type": "object", "additionalProperties": false,
          "description": "How to tell that it still works, once it is up: exactly one kind.",
          "properties": {
            "port": {"type": ["integer", "string"], "description": "As in ready."},
            "http": {"type": "string", "pattern": "^http://", "description": "As in ready."},
            "command": {"$ref": "#/definitions/command"},
            "log": {"type": "string", "minLength": 1, "description": "A regular expression (RE2): at least one line of its output fits it in each period."},
            "file": {"type": "string", "format": "path", "minLength": 1, "description": "A file that is written at least once in each period."},
            "every": {"type": "string", "format": "duration", "minimum": "10ms", "maximum": "1d", "default": "10s", "description": "The period."},
            "timeout": {"type": "string", "format": "duration", "minimum": "10ms", "maximum": "1h", "default": "5s", "description": "How long one look may take."},
            "failures": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 3, "description": "So many failures in a row, and it is restarted; it is degraded from the first."},
            "successes": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 1, "description": "So many successes in a row, and it is well again."},
            "restart": {"type": "boolean", "default": true, "description": "Off: it only becomes degraded."}
          }
        },
        "watchdog": {"type": "string", "format": "duration", "minimum": "10ms", "maximum": "1d", "description": "It must say WATCHDOG=1 by the notify protocol at least so often, from when it is up, or it is restarted. It is told by WATCHDOG_USEC."},
        "after": {"$ref": "#/definitions/names"},
        "requires": {"$ref": "#/definitions/names"},
        "schedule": {
          "type": "object", "additionalProperties": false,
          "description": "Run it at times; for a task. A time that comes while it still runs is passed over, and counted.",
          "properties": {
            "every": {"type": "string", "format": "duration", "minimum": "100ms", "maximum": "365d", "description": "So long after the last start."},
            "cron": {"type": "string", "minLength": 1, "description": "Minute, hour, day of the month, month and weekday as in crontab, in local time; or @hourly @daily @weekly @monthly @yearly."},
            "at_start": {"type": "boolean", "default": false, "description": "Also when the daemon starts."}
          }
        },
        "stop_signal": {"type": "string", "minLength": 1, "default": "TERM", "description": "Asks it to end."},
        "stop_timeout": {"type": "string", "format": "duration", "minimum": "0s", "maximum": "1d", "default": "10s", "description": "Then every process of it is killed."},
        "stop_tree": {"type": "boolean", "default": false, "description": "stop_signal goes to every process of it, not to the main one alone."},
        "drain": {
          "type": "object", "additionalProperties": false,
          "description": "What comes before stop_signal when a stop or restart asks for a drain.",
          "properties": {
            "signal": {"type": "string", "minLength": 1, "description": "Sent first."},
            "command": {"$ref": "#/definitions/command"},
            "timeout": {"type": "string", "format": "duration", "minimum": "1ms", "maximum": "1d", "default": "30s", "description": "How long to wait for the end of the command or of the program; then it is stopped."}
          }
        },
        "nice": {"$ref": "#/definitions/nice"},
        "io_class": {"$ref": "#/definitions/io_class"},
        "io_level": {"$ref": "#/definitions/io_level"},
        "affinity": {"$ref": "#/definitions/affinity"},
        "oom_score": {"$ref": "#/definitions/oom_score"},
        "limits": {
          "type": "object", "additionalProperties": false, "default": {},
          "description": "Of all processes of it together, by a control group; files, core, stack and locked_memory are those of each process.",
          "properties": {
            "memory": {"type": "string", "format": "bytes", "minimum": "1MiB", "description": "Over it the system kills within it."},
            "memory_high": {"type": "string", "format": "bytes", "minimum": "1MiB", "description": "Over it the system slows it down."},
            "swap": {"type": "string", "format": "bytes", "minimum": "0", "description": "Of swap space."},
            "cpu": {"type": "number", "exclusiveMinimum": 0, "maximum": 4096, "description": "CPUs: 1.5 is one and a half."},
            "cpu_weight": {"type": "integer", "minimum": 1, "maximum": 10000, "description": "Share against the others when CPUs are short; 100 is usual."},
            "tasks": {"type": "integer", "minimum": 1, "maximum": 4194304, "description": "Processes and threads."},
            "files": {"type": "integer", "minimum": 3, "maximum": 1073741816, "description": "Open files of each process."},
            "core": {"type": "string", "format": "bytes", "minimum": "0", "description": "Size of a core file; 0: none."},
            "stack": {"type": "string", "format": "bytes", "minimum": "64KiB", "description": "Stack of each process."},
            "locked_memory": {"type": "string", "format": "bytes", "minimum": "0", "description": "Memory that it may lock."},
            "strict": {"type": "boolean", "default": false, "description": "A limit that this system cannot set is a failed start. Off: it is said once, and the program runs without."}
          }
        },
        "no_new_privileges": {"type": "boolean", "default": false, "description": "No program that it runs gains rights by its file."},
        "output": {
          "type": "object", "additionalProperties": false, "default": {},
          "description": "Where its standard output and standard error go.",
          "properties": {
            "events": {"type": "boolean", "default": true, "description": "Each line is an event of kind log."},
            "severity": {"enum": ["trace", "debug", "info", "notice", "warning", "error", "critical"], "default": "info", "description": "Of the lines of standard output."},
            "error_severity": {"enum": ["trace", "debug", "info", "notice", "warning", "error", "critical"], "default": "warning", "description": "Of the lines of standard error."},
            "file": {"type": "string", "format": "path", "minLength": 1, "description": "Both, byte for byte; {program} and {instance} are replaced."},
            "error_file": {"type": "string", "format": "path", "minLength": 1, "description": "Standard error, when it is not to go to file."},
            "rotate": {
              "type": "object", "additionalProperties": false, "default": {},
              "description": "When a file is put aside and a new one begun.",
              "properties": {
                "size": {"type": "string", "format": "bytes", "minimum": "4KiB", "default": "100MiB", "description": "A file of this size becomes FILE.1."},
                "every": {"type": "string", "format": "duration", "minimum": "1s", "maximum": "365d", "description": "And one of this age."},
                "keep": {"type": "integer", "minimum": 0, "maximum": 1000, "default": 5, "description": "So many old ones are kept."}
              }
            },
            "last_lines": {"type": "integer", "minimum": 0, "maximum": 10000, "default": 50, "description": "Lines that are remembered for `logs` and for the record of an exit, at most 64 KiB."},
            "backlog": {"type": "string", "format": "bytes", "minimum": "0", "default": "64MiB", "description": "Output that is kept on disk while no daemon reads it, of each stream. What is more is dropped, and counted."}
          }
        }
      }
    }
  },
  "properties": {
    "programs": {"type": "object", "maxProperties": 10000, "propertyNames": {"pattern": "^[A-Za-z0-9][A-Za-z0-9_.-]{0,47}$"}, "additionalProperties": {"$ref": "#/definitions/program"}, "default": {}, "description": "What to keep running, by name."},
    "groups": {"type": "object", "maxProperties": 1000, "propertyNames": {"pattern": "^[A-Za-z0-9][A-Za-z0-9_.-]{0,47}$"}, "additionalProperties": {"$ref": "#/definitions/names"}, "default": {}, "description": "Names for several programs at once, in commands and in after and requires."},
    "watch": {
      "type": "object", "maxProperties": 1000, "propertyNames": {"pattern": "^[A-Za-z0-9][A-Za-z0-9_.-]{0,47}$"}, "default": {},
      "description": "Processes that run already and that others start: they are followed, measured and given their priority, never started.",
      "additionalProperties": {
        "type": "object", "additionalProperties": false,
        "properties": {
          "pid_file": {"type": "string", "format": "path", "minLength": 1, "description": "A file with its pid."},
          "process": {"type": "string", "minLength": 1, "description": "The name of the process, as a glob."},
          "command_line": {"type": "string", "minLength": 1, "description": "Its arguments, joined by blanks, as a glob; together with process both must fit."},
          "nice": {"$ref": "#/definitions/nice"},
          "io_class": {"$ref": "#/definitions/io_class"},
          "io_level": {"$ref": "#/definitions/io_level"},
          "affinity": {"$ref": "#/definitions/affinity"},
          "oom_score": {"$ref": "#/definitions/oom_score"}
        }
      }
    },
    "watch_interval": {"type": "string", "format": "duration", "minimum": "100ms", "maximum": "1d", "default": "10s", "description": "How often processes to watch are looked for."},
    "interval": {"type": "string", "format": "duration", "minimum": "1s", "maximum": "1h", "default": "10s", "description": "How often each program is measured and its metrics are emitted, aligned to the wall clock."},
    "record": {"type": "string", "format": "duration", "minimum": "0s", "maximum": "1h", "default": "5m", "description": "How much of these measurements the record of an exit holds, at most 120 of them."},
    "limiter": {
      "type": "object", "additionalProperties": false, "default": {},
      "description": "How many starts after a failure all programs together may have: programs that crash all the time cost no more than this.",
      "properties": {
        "rate": {"type": "number", "minimum": 0.01, "maximum": 10000, "default": 10, "description": "A second, in the long run."},
        "burst": {"type": "number", "minimum": 1, "maximum": 10000, "default": 50, "description": "At once."}
      }
    }
  }
})json";

}  // namespace picket::process_supervisor
