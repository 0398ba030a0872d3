// SPDX-License-Identifier: Apache-2.0
//
// The settings' schema, JSON Schema draft-07. `picket plugins describe pipe_server` prints it as commented YAML.
#pragma once

namespace picket::pipe_server {

inline constexpr char kSchema[] = R"json({
  "type": "object",
  "additionalProperties": false,
  "required": ["listen"],
  "examples": [{"listen": {"path": "picket.sock", "protocol": "jsonrpc"}}],
  "definitions": {
    "listener": {
      "type": "object",
      "additionalProperties": false,
      "required": ["path", "protocol"],
      "properties": {
        "path": {"type": "string", "format": "path", "minLength": 1, "description": "The socket (Windows: a name below \\\\.\\pipe\\). Its directory is made when it is missing. A socket that a dead program left there is replaced; one where a program answers is not."},
        "protocol": {"enum": ["jsonrpc", "ndjson", "line", "syslog", "message"], "description": "What is spoken: see docs/ of the plugin, one page each."},
        "kind": {"enum": ["stream", "seqpacket", "datagram"], "description": "Of the socket: a stream of bytes; messages of a connection; or messages without one, which nobody answers. By default what the protocol is mostly used with: datagram for syslog, else stream."},
        "mode": {"type": "string", "pattern": "^0?[0-7]{3}$", "default": "0660", "description": "Permissions of the socket, in force before anybody can connect."},
        "owner": {"type": "string", "minLength": 1, "description": "User, by name or number, that the socket belongs to; left out: the daemon's."},
        "group": {"type": "string", "minLength": 1, "description": "Group, by name or number, that the socket belongs to; left out: the daemon's."},
        "activation": {"type": "string", "minLength": 1, "description": "The name (FileDescriptorName=) of a socket that the service manager has opened. Left out, one that it opened at `path` is taken as well."},
        "handler": {"type": "string", "minLength": 1, "description": "message: the instance that answers."},
        "events": {"type": "string", "minLength": 1, "maxLength": 255, "default": "log", "description": "line, syslog: kind of the events."},
        "severity": {"enum": ["trace", "debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"], "default": "info", "description": "line: severity of the events, where the line does not begin with one as the kernel writes it (<4>)."},
        "peer": {"type": "boolean", "default": false, "description": "line, syslog, ndjson: adds peer.pid, peer.uid and peer.gid, as the system knows them, to each event."},
        "limits": {
          "type": "object",
          "additionalProperties": false,
          "default": {},
          "description": "What the listener, and each of its clients, may take.",
          "properties": {
            "connections": {"type": "integer", "minimum": 1, "maximum": 100000, "default": 1000, "description": "Clients at a time."},
            "user_connections": {"type": "integer", "minimum": 0, "maximum": 100000, "default": 0, "description": "Clients of one user at a time; 0: as many as connections."},
            "message": {"type": "string", "format": "bytes", "minimum": "64", "maximum": "16MiB", "default": "1MiB", "description": "Of one line, request or datagram. A longer one ends a stream, for there is no way to go on."},
            "idle": {"type": "string", "format": "duration", "minimum": "0s", "default": "0s", "description": "A client is closed that neither sends nor reads for so long; 0s: never."},
            "rate": {"type": "integer", "minimum": 0, "default": 0, "description": "Messages a second of one client (of a datagram socket: of all); a faster one waits. 0: as fast as they are handled."},
            "queued": {"type": "string", "format": "bytes", "minimum": "4KiB", "maximum": "1GiB", "default": "4MiB", "description": "Answers that wait for a client to read them; at half of it the client is not read from, over it the client is closed."},
            "requests": {"type": "integer", "minimum": 1, "maximum": 1024, "default": 64, "description": "Requests of one client that are not answered yet; with more under way it is not read from."},
            "subscriptions": {"type": "integer", "minimum": 0, "maximum": 1024, "default": 16, "description": "Of one client."}
          }
        }
      }
    }
  },
  "properties": {
    "listen": {
      "description": "One listener, or a list of them.",
      "oneOf": [
        {"$ref": "#/definitions/listener"},
        {"type": "array", "minItems": 1, "maxItems": 64, "items": {"$ref": "#/definitions/listener"}}
      ]
    },
    "connections": {"type": "integer", "minimum": 1, "maximum": 1000000, "default": 12000, "description": "Clients of all listeners at a time."},
    "queued": {"type": "string", "format": "bytes", "minimum": "64KiB", "default": "64MiB", "description": "Answers that wait for clients to read them, of all clients."},
    "access": {
      "type": "array", "maxItems": 256, "default": [],
      "description": "Who may do what, for protocol jsonrpc. Whoever can open the socket may read and publish; root and the user that the daemon runs as may do everything. Each rule that fits changes that; the last one that says something decides.",
      "items": {
        "type": "object",
        "additionalProperties": false,
        "properties": {
          "user": {"type": "string", "minLength": 1, "description": "Whom it is for, by name or number. Without user and group: everyone."},
          "group": {"type": "string", "minLength": 1, "description": "Members of this group, by name or number."},
          "instance": {"type": "string", "minLength": 1, "description": "Only for what is asked of instances with such a name (glob); left out: of all."},
          "allow": {"type": "array", "items": {"type": "string", "minLength": 1}, "default": [], "description": "read (commands that change nothing, subscriptions, counters), publish (events and counters), control (all other commands), * (everything), or a glob for names of commands."},
          "deny": {"type": "array", "items": {"type": "string", "minLength": 1}, "default": [], "description": "The same words, taken away; stronger than allow in one rule."}
        }
      }
    },
    "counters": {
      "type": "object",
      "additionalProperties": false,
      "default": {},
      "description": "Counters that outside programs supply.",
      "properties": {
        "interval": {"type": "string", "format": "duration", "minimum": "100ms", "maximum": "1d", "default": "10s", "description": "How often their values become metric events."},
        "series": {"type": "integer", "minimum": 0, "maximum": 100000, "default": 10000, "description": "Counters at a time; a name with other attributes is another one."},
        "names": {"type": "integer", "minimum": 0, "maximum": 10000, "default": 1000, "description": "Different names over the life of the instance: names stay known to the daemon for ever."}
      }
    },
    "drain": {"type": "string", "format": "duration", "minimum": "0s", "maximum": "60s", "default": "1s", "description": "How long a stop waits for answers that are under way; a client that owes itself the reading loses them."}
  }
})json";

}  // namespace picket::pipe_server
