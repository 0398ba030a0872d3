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
