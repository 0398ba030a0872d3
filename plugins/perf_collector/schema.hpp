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
      "description": "What to collect. Left out: every group, each with its defaults (no load, pressure and hwmon on Windows). If given, only what is named here.",
      "properties": {
        "cpu": {
          "type": "object",
          "additionalProperties": false,
          "description": "Time and utilization of the logical CPUs by mode.",
          "properties": {
            "every": {"$ref": "#/definitions/every"},
            "metrics": {"$ref": "#/definitions/metrics"},
            "include": {"$ref": "#/definitions/include"},
            "exclude": {"$ref": "#/definitions/exclude"},
            "per_core": {"type": "boolean", "default": false, "description": "Also one series for each logical CPU; include and exclude choose them by number."}
          }
        },
        "load": {
          "type": "object",
          "additionalProperties": false,
          "description": "Load averages. Windows has none.",
          "properties": {"every": {"$ref": "#/definitions/every"}, "metrics": {"$ref": "#/definitions/metrics"}}
        },
        "memory": {
          "type": "object",
          "additionalProperties": false,
          "description": "Physical memory by state.",
          "properties": {"every": {"$ref": "#/definitions/every"}, "metrics": {"$ref": "#/definitions/metrics"}}
        },
        "paging": {
          "type": "object",
          "additionalProperties": false,
          "description": "Page faults, traffic with the disks, and the room of each swap device or page file; include and exclude choose among the latter.",
          "properties": {
            "every": {"$ref": "#/definitions/every"},
            "metrics": {"$ref": "#/definitions/metrics"},
            "include": {"$ref": "#/definitions/include"},
            "exclude": {"$ref": "#/definitions/exclude"}
          }
        },
        "disks": {
          "type": "object",
          "additionalProperties": false,
          "description": "Traffic, operations and busy time of each disk; include and exclude choose among them.",
          "properties": {
            "every": {"$ref": "#/definitions/every"},
            "metrics": {"$ref": "#/definitions/metrics"},
            "include": {"$ref": "#/definitions/include"},
            "exclude": {
              "type": "array", "maxItems": 64, "items": {"type": "string", "minLength": 1},
              "default": ["loop*", "ram*", "zram*", "fd*", "sr*"],
              "description": "Globs over names of disks to leave out."
            },
            "partitions": {"type": "boolean", "default": false, "description": "Also the partitions of a disk (Linux)."}
          }
        },
        "filesystems": {
          "type": "object",
          "additionalProperties": false,
          "description": "Room and inodes of each mounted filesystem; include and exclude choose among the mount points. Every 30s by default, or the next multiple of the interval.",
          "properties": {
            "every": {"$ref": "#/definitions/every"},
            "metrics": {"$ref": "#/definitions/metrics"},
            "include": {"$ref": "#/definitions/include"},
            "exclude": {
              "type": "array", "maxItems": 64, "items": {"type": "string", "minLength": 1},
              "default": ["/proc/*", "/sys/*", "/run/credentials/*", "/run/docker/*", "/run/user/*", "/run/netns/*",
                        "/snap/*", "/var/lib/docker/*", "/var/lib/containers/*", "/var/lib/containerd/*",
                        "/run/containerd/*", "/var/lib/kubelet/*"],
              "description": "Globs over mount points to leave out."
            },
            "types": {
              "type": "object",
              "additionalProperties": false,
              "description": "Globs over types of filesystems.",
              "properties": {
                "include": {"$ref": "#/definitions/include"},
                "exclude": {
                  "type": "array", "maxItems": 64, "items": {"type": "string", "minLength": 1},
                  "default": ["autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devpts", "devtmpfs",
                            "efivarfs", "fusectl", "hugetlbfs", "iso9660", "mqueue", "nsfs", "proc", "pstore", "ramfs",
                            "rpc_pipefs", "securityfs", "selinuxfs", "squashfs", "sysfs", "tracefs", "9p", "afs", "beegfs",
                            "ceph", "cifs", "coda", "davfs", "fuse", "fuse.*", "fuseblk", "glusterfs", "lustre", "ncpfs",
                            "nfs", "nfs4", "ocfs2", "orangefs", "prl_fs", "pvfs2", "smb3", "smbfs", "vboxsf", "virtiofs",
                            "vmhgfs"],
                  "description": "Types to leave out; by default pseudo filesystems, and those of the network: one whose server is gone holds up the whole collector, so let them in only where that cannot be."
                }
              }
            }
          }
        },
        "network": {
          "type": "object",
          "additionalProperties": false,
          "description": "Traffic of each interface, and the counters of TCP and UDP; include and exclude choose among the interfaces.",
          "properties": {
            "every": {"$ref": "#/definitions/every"},
            "metrics": {"$ref": "#/definitions/metrics"},
            "include": {"$ref": "#/definitions/include"},
            "exclude": {
              "type": "array", "maxItems": 64, "items": {"type": "string", "minLength": 1},
              "default": ["veth*", "cali*", "lxc*", "ifb*", "dummy*"],
              "description": "Globs over interfaces to leave out."
            }
          }
        },
        "pressure": {
          "type": "object",
          "additionalProperties": false,
          "description": "How long work waited for resources; include and exclude choose among cpu, memory, io and irq. Windows has none.",
          "properties": {
            "every": {"$ref": "#/definitions/every"},
            "metrics": {"$ref": "#/definitions/metrics"},
            "include": {"$ref": "#/definitions/include"},
            "exclude": {"$ref": "#/definitions/exclude"}
          }
        },
        "kernel": {
          "type": "object",
          "additionalProperties": false,
          "description": "Context switches, interrupts, forks, uptime, and use of the kernel's tables.",
          "properties": {
            "every": {"$ref": "#/definitions/every"},
            "metrics": {"$ref": "#/definitions/metrics"}
          }
        },
        "hwmon": {
          "type": "object",
          "additionalProperties": false,
          "description": "Temperatures, fans, voltages, currents and power of the sensors; include and exclude choose among them by hw.id. Every 10s by default, or the next multiple of the interval. Windows has none.",
          "properties": {
            "every": {"$ref": "#/definitions/every"},
            "metrics": {"$ref": "#/definitions/metrics"},
            "include": {"$ref": "#/definitions/include"},
            "exclude": {"$ref": "#/definitions/exclude"}
          }
        },
        "cgroups": {
          "type": "object",
          "additionalProperties": false,
          "description": "Control groups of version 2: services, scopes and slices of systemd, containers; include and exclude choose among the paths below the root. Linux only.",
          "properties": {
            "every": {"$ref": "#/definitions/every"},
            "metrics": {"$ref": "#/definitions/metrics"},
            "include": {"$ref": "#/definitions/include"},
            "exclude": {"$ref": "#/definitions/exclude"},
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
              "column": {"type": "integer", "minimum": 1, "maximum": 10000, "description": "Without regex: which word of the line is the number; left out, the first."},
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
            "metrics": {"$ref": "#/definitions/metrics"},
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
    "sum": {"enum": [true, "each"], "description": "true: one series for all processes of a match; each: one for each, at most 100, numbered. Given for the group, it is what matches without their own have; left out there, true."},
    "detail_name": {
      "enum": ["threads", "faults", "uptime", "io", "shared", "switches", "files", "pss"],
      "description": "threads, faults and uptime cost nothing; io, shared and switches a further file of each process; files and pss are dear."
    },
    "detail": {
      "type": "array", "uniqueItems": true, "items": {"$ref": "#/definitions/detail_name"},
      "description": "Figures of the processes of a match beyond CPU time and memory. Given for the group, it is what matches without their own have; left out there, threads, faults and uptime."
    },
    "every": {
      "type": "string", "format": "duration",
      "description": "Time between two readings of this group: a multiple of the interval, which it is by default."
    },
    "include": {
      "type": "array", "maxItems": 64, "items": {"type": "string", "minLength": 1}, "default": [],
      "description": "Globs over what to take in; none: everything."
    },
    "exclude": {
      "type": "array", "maxItems": 64, "items": {"type": "string", "minLength": 1}, "default": [],
      "description": "Globs over what to leave out, even if `include` takes it in."
    },
    "metrics": {
      "type": "object",
      "additionalProperties": false,
      "description": "Globs over names of this group's metrics: \"system.network.tcp.*\". What is left out is not measured.",
      "properties": {
        "include": {"$ref": "#/definitions/include"},
        "exclude": {"$ref": "#/definitions/exclude"}
      }
    }
  }
})json";

}  // namespace picket::perf_collector
