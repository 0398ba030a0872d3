/* SPDX-License-Identifier: Apache-2.0
 *
 * picket.process/1 (host side): programs that the daemon starts, watches, limits and ends as whole trees of processes.
 * Mechanism only: when to start again, what counts as healthy and in which order is the plugin's.
 *
 * One small process of the daemon, the holder, is the parent of all programs: it owns their pipes, their exit statuses
 * and their files of output. The daemon's death harms none of them. The next daemon, and in it the instance of the same
 * name, finds its programs again by their kernel identity (pid, start time, boot; never a pid alone), with everything
 * that was not acknowledged: output, exit status.
 *
 * How it goes: `open` in picket_plugin.start; then `found` for each program that is there already, then `ready`; from
 * then on `start`. Every request answers at once and takes effect later; what became of it comes as a call of
 * picket_process_events, as a [control] call of the instance, never from inside a request. For one program they come in
 * this order: started (or start_failed, the last one) -> output, notified, stragglers, measured -> exited -> emptied;
 * output may also come between exited and emptied, and after it. An ended program stays known until `forget`.
 * When the instance stops, its programs run on: end them before, if that is wanted.
 *
 * Signals have their numbers of Linux on every system (15: please end; 9: kill).
 */
#ifndef PICKET_EXT_PROCESS_H
#define PICKET_EXT_PROCESS_H

#include "../base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PICKET_EXT_PROCESS "picket.process/1"

typedef uint64_t picket_program; /* one start of one program, or a watched process; never used again; 0: none */

/* A process for ever: a pid may come again, the three together never. FROZEN. */
typedef struct picket_process_identity {
  int64_t pid;         /* 0: not known */
  uint64_t start_time; /* as the kernel has it: Linux: clock ticks since the boot; Windows: FILETIME of creation */
  uint8_t boot_id[16]; /* of the boot that it belongs to */
} picket_process_identity;

/* One process of a tree, by name. FROZEN. */
typedef struct picket_process_member {
  int64_t pid;
  picket_str name; /* as the kernel shows it (comm), valid during the call */
} picket_process_member;

/* --- what to start ------------------------------------------------------------------------------------------------ */

#define PICKET_STDOUT 0u
#define PICKET_STDERR 1u

#define PICKET_OUTPUT_CAPTURE 1u   /* comes as `output` calls, kept until acknowledged */
#define PICKET_OUTPUT_FILE 2u      /* the holder writes it to `file` byte for byte; also together with CAPTURE */
#define PICKET_OUTPUT_AS_STDOUT 4u /* stderr only: the same pipe as stdout; nothing else is looked at */

/* Where a stream of the program goes; no flag: /dev/null. The program never waits for any of it: what finds no room is
 * dropped, and counted. */
typedef struct picket_program_stream {
  uint32_t size;
  uint32_t flags;        /* PICKET_OUTPUT_... */
  picket_str file;       /* absolute; made with mode 0640 if missing, appended to. Both streams may name the same one */
  uint64_t rotate_bytes; /* a file of this size becomes file.1, that one file.2, ...; 0: never by size */
  int64_t rotate_age_ns; /* the same by time since the file was begun; 0: never by time */
  uint32_t rotate_keep;  /* how many old files are kept, 0..1,000 */
  uint32_t reserved;
  uint64_t backlog_memory; /* captured bytes not yet acknowledged that are kept in memory; 0: 1 MiB */
  uint64_t backlog_disk;   /* and beyond that on disk; 0: 64 MiB; UINT64_MAX: nothing on disk */
} picket_program_stream;

/* A limit of the whole tree; 0 or less: none. What the system cannot do is said by picket_process_ability, and makes
 * the start fail only with PICKET_PROGRAM_STRICT_LIMITS. */
typedef struct picket_program_limits {
  uint32_t size;
  uint32_t reserved;
  int64_t memory_max;  /* bytes; over it the system kills within the tree */
  int64_t memory_high; /* bytes; over it the system slows the tree down and reclaims */
  int64_t swap_max;    /* bytes; -1: no limit, 0: no swap */
  int64_t cpu_milli;   /* thousandths of one core: 1500 is one and a half */
  int64_t cpu_weight;  /* 1..10,000, against its siblings; the system's default is 100 */
  int64_t tasks_max;   /* processes and threads */
} picket_program_limits;

#define PICKET_TUNE_NICE 1u
#define PICKET_TUNE_AFFINITY 2u
#define PICKET_TUNE_IO 4u
#define PICKET_TUNE_OOM 8u
#define PICKET_TUNE_TREE 16u /* tune(): of every process of the tree, not the leader alone */

#define PICKET_IO_NONE 0u /* follows the nice value */
#define PICKET_IO_REALTIME 1u
#define PICKET_IO_BEST_EFFORT 2u
#define PICKET_IO_IDLE 3u

/* How the system favours a process. */
typedef struct picket_process_tuning {
  uint32_t size;
  uint32_t flags;    /* PICKET_TUNE_...: which of these to set; at a start, what is not set is nice 0, all CPUs, ... */
  int32_t nice;      /* -20..19 */
  uint32_t io_class; /* PICKET_IO_... */
  uint32_t io_level; /* 0 (first) .. 7, of REALTIME and BEST_EFFORT */
  int32_t oom_score; /* -1000..1000 */
  const uint32_t *cpus; /* numbers of CPUs, from 0 */
  uint32_t cpu_count;
  uint32_t reserved;
} picket_process_tuning;

#define PICKET_RLIMIT_INFINITY UINT64_MAX

/* One resource limit of the leader, inherited by its children. FROZEN. */
typedef struct picket_program_rlimit {
  picket_str name; /* as in setrlimit(2), lower case without RLIMIT_: "nofile", "core", "nproc", "memlock", ... */
  uint64_t soft, hard;
} picket_program_rlimit;

/* A listening socket for the program, by the LISTEN_FDS protocol. FROZEN. */
typedef struct picket_program_socket {
  int64_t descriptor; /* copied by the host within the call */
  picket_str name;    /* for LISTEN_FDNAMES; no colon; may be empty */
} picket_program_socket;

#define PICKET_PROGRAM_NO_NEW_PRIVILEGES 1u
#define PICKET_PROGRAM_NOTIFY 2u        /* NOTIFY_SOCKET is there, and its messages come as `notified` */
#define PICKET_PROGRAM_ONLY_GROUP 4u    /* supplementary groups are exactly `groups`; else those of `user` too */
#define PICKET_PROGRAM_STRICT_LIMITS 8u /* a limit that cannot be set fails the start (step "limits") */

/* What to start. Beyond what is named here the program inherits nothing: signals at their defaults, a session of its
 * own, no descriptors but 0 (/dev/null), 1, 2 and `sockets`, an environment of `environment`, what the flags add, and
 * PICKET_PROGRAM, which marks the processes of its tree. */
typedef struct picket_program_spec {
  uint32_t size;
  uint32_t flags;              /* PICKET_PROGRAM_... */
  picket_str key;              /* by which the instance knows it again: 1..255 bytes, without zero bytes */
  picket_str blob;             /* for the instance alone (a hash of its settings); up to 64 KiB */
  const picket_str *arguments; /* the first is the program: with a slash a path, else found on PATH of `environment` */
  uint32_t argument_count;     /* 1..4,096 */
  uint32_t environment_count;  /* 0..4,096 */
  const picket_str *environment; /* "NAME=value" each */
  picket_str directory;          /* absolute; empty: the root */
  picket_str user;               /* name or number; empty: the daemon's */
  picket_str group;              /* name or number; empty: the main group of `user` */
  const picket_str *groups;      /* supplementary ones, names or numbers */
  uint32_t group_count;          /* 0..64 */
  int32_t umask;                 /* 0..0777; -1: 022 */
  const picket_program_rlimit *rlimits;
  const picket_program_socket *sockets;
  uint32_t rlimit_count;                     /* 0..16 */
  uint32_t socket_count;                     /* 0..64 */
  const picket_process_tuning *tuning;       /* may be null */
  const picket_program_limits *limits;       /* may be null */
  const picket_program_stream *output;       /* stdout; may be null */
  const picket_program_stream *error_output; /* stderr; may be null */
} picket_program_spec;

/* --- what comes back ---------------------------------------------------------------------------------------------- */

#define PICKET_ABLE_CGROUP 1u    /* a control group for each program: the proof of emptiness is the kernel's */
#define PICKET_ABLE_SUBREAPER 2u /* trees are kept together by re-parenting, markers and sweeps */
#define PICKET_ABLE_MEMORY 4u    /* which limits work */
#define PICKET_ABLE_CPU 8u
#define PICKET_ABLE_TASKS 16u
#define PICKET_ABLE_TREE_KILL 32u       /* the kernel kills a tree at once (cgroup.kill) */
#define PICKET_ABLE_JOB 64u             /* Windows: job objects */
#define PICKET_ABLE_FOREIGN_STATUS 128u /* exit statuses of watched processes are known */

typedef struct picket_process_ability {
  uint32_t size;
  uint32_t flags;  /* PICKET_ABLE_... */
  picket_str risk; /* one sentence on what cannot be guaranteed here; empty: nothing to say */
  picket_process_identity holder;
} picket_process_ability;

#define PICKET_PROGRAM_RUNNING 0u /* the leader runs */
#define PICKET_PROGRAM_EXITED 1u  /* the leader has ended; `exited` follows at once with what is known */
#define PICKET_PROGRAM_EMPTY 2u   /* and so has its tree; `exited` and `emptied` follow */

#define PICKET_PROGRAM_ORPHAN 1u /* its holder died: it has no output any more, and its exit status will be unknown */

/* A program that was there before. */
typedef struct picket_program_info {
  uint32_t size;
  uint32_t state; /* PICKET_PROGRAM_RUNNING, ... */
  picket_program program;
  picket_str key;
  picket_str blob;
  picket_process_identity leader;
  int64_t started_ns;       /* of picket_host.monotonic_ns; may be before the daemon's own start */
  int64_t started_wall_ns;  /* UTC, as it was shown then */
  uint64_t acknowledged[2]; /* offsets of stdout and stderr: `output` goes on from there */
  uint32_t flags;           /* PICKET_PROGRAM_ORPHAN */
  uint32_t reserved;
} picket_program_info;

/* Why something did not work. `step` is one of: "program" (the file), "directory", "user", "group", "groups", "umask",
 * "rlimit", "nice", "affinity", "io class", "oom score", "no new privileges", "session", "signals", "output",
 * "error output", "input", "sockets", "notify", "control group", "limits", "record", "spawn", "holder"; of a request
 * its name: "signal", "end", "limit", "tune", "set_main", "measure", "rotate". */
typedef struct picket_program_failure {
  uint32_t size;
  int32_t system_error; /* errno, or the Windows error; 0: none */
  picket_str step;
  picket_str message; /* what failed, where and why: "directory: /srv/web: No such file or directory (ENOENT)" */
} picket_program_failure;

#define PICKET_OUTPUT_GAP 1u /* no data: `dropped` bytes are missing here */
#define PICKET_OUTPUT_END 2u /* no process has the stream open any more: nothing follows */

typedef struct picket_program_output {
  uint32_t size;
  uint32_t stream;  /* PICKET_STDOUT, PICKET_STDERR */
  uint64_t offset;  /* of the first byte since the program's start, dropped ones counted too */
  picket_str data;  /* any bytes, cut anywhere; up to 256 KiB; valid during the call */
  uint64_t dropped; /* of a GAP */
  uint32_t flags;   /* PICKET_OUTPUT_GAP, PICKET_OUTPUT_END */
  uint32_t reserved;
  int64_t time_ns; /* UTC, when the holder read it, or 0 when it was kept meanwhile */
} picket_program_output;

#define PICKET_EXIT_CODE 0u    /* `value` is what it passed to exit */
#define PICKET_EXIT_SIGNAL 1u  /* `value` is the signal that ended it */
#define PICKET_EXIT_UNKNOWN 2u /* it is gone, and nobody could learn how */

#define PICKET_EXIT_CORE 1u /* with a core file */
#define PICKET_EXIT_OOM 2u  /* the system killed within its tree for memory since its start */

typedef struct picket_program_exit {
  uint32_t size;
  uint32_t how; /* PICKET_EXIT_CODE, ... */
  int32_t value;
  uint32_t flags;             /* PICKET_EXIT_CORE, PICKET_EXIT_OOM */
  int64_t ended_ns;           /* of picket_host.monotonic_ns */
  int64_t ended_wall_ns;      /* UTC */
  int64_t user_ns, system_ns; /* CPU time of the leader and of the children that it waited for; -1: not known */
  int64_t peak_memory;        /* bytes: of the tree with a control group, else of the leader; -1: not known */
} picket_program_exit;

#define PICKET_EMPTY_PROVEN 1u /* the kernel says so (control group or job), not a sweep */

typedef struct picket_program_tree_end {
  uint32_t size;
  uint32_t flags;   /* PICKET_EMPTY_PROVEN */
  uint32_t killed;  /* processes that had to be killed */
  uint32_t adopted; /* orphans of the tree that ended otherwise */
} picket_program_tree_end;

/* Of the whole tree; -1: not known here. */
typedef struct picket_program_usage {
  uint32_t size;
  uint32_t processes;
  int64_t user_ns, system_ns; /* since the start; without control groups: of what is alive and was waited for */
  int64_t memory;             /* bytes resident (control group: charged) */
  int64_t peak_memory;
  int64_t read_bytes, written_bytes; /* from and to storage */
  int64_t threads;
  int64_t oom_kills;
} picket_program_usage;

/* What the instance hears, each as a [control] call. Texts and tables are valid during the call. Null functions are
 * left out. */
typedef struct picket_process_events {
  uint32_t size;
  uint32_t reserved;
  /* A program of this instance's name that is there already: before `ready`. `exited`, `emptied` and output that were
   * not acknowledged follow after `ready`. */
  void (*found)(void *context, const picket_program_info *info);
  /* The holder is there. Again after `lost`. */
  void (*ready)(void *context, const picket_process_ability *ability);
  /* The holder has died. Programs run on without it; a new holder is being started, then comes `found` for each that
   * is still there (ORPHAN), an `exited` (UNKNOWN) and `emptied` for each that is not, then `ready`. Requests answer
   * BUSY until then. */
  void (*lost)(void *context, picket_str reason);
  /* The program itself runs (after exec). */
  void (*started)(void *context, picket_program program, const picket_process_identity *leader);
  /* It does not, and is forgotten. */
  void (*start_failed)(void *context, picket_program program, const picket_program_failure *failure);
  /* Answer with acknowledge_output, now or later; at most 1 MiB of a stream comes without. */
  void (*output)(void *context, picket_program program, const picket_program_output *output);
  /* A message of the notify protocol, "READY=1\nSTATUS=...", of a process of the tree (`sender` its pid, 0: not
   * known). */
  void (*notified)(void *context, picket_program program, int64_t sender, picket_str message);
  /* The leader has ended. What it had written comes before, unless acknowledgements are missing. */
  void (*exited)(void *context, picket_program program, const picket_program_exit *exit);
  /* end(): time is up, and these processes are still there (the first 64 of `count`): they are killed now. Also after
   * a leader's exit that nobody asked for: its tree is not empty, and stays until end(). */
  void (*stragglers)(void *context, picket_program program, const picket_process_member *members, uint32_t count);
  /* No process of the tree is left. */
  void (*emptied)(void *context, picket_program program, const picket_program_tree_end *end);
  /* The answer to measure(). */
  void (*measured)(void *context, picket_program program, const picket_program_usage *usage);
  /* A request that was accepted could not be carried out. Nothing else changes. */
  void (*request_failed)(void *context, picket_program program, const picket_program_failure *failure);
} picket_process_events;

/* --- requests ----------------------------------------------------------------------------------------------------- */

#define PICKET_SIGNAL_TREE 1u /* every process of the tree, not the leader alone */

/* How to end a tree. */
typedef struct picket_program_end {
  uint32_t size;
  uint32_t flags; /* PICKET_SIGNAL_TREE: the first signal goes to every process */
  int32_t signal; /* first; 0: none, kill at once */
  uint32_t reserved;
  int64_t timeout_ns; /* then the whole tree is killed; <= 0: at once. An emptied tree ends the wait early */
} picket_program_end;

/* All functions are [any] and never block. Those that return a status: PICKET_OK, accepted; NOT_FOUND, no such program
 * of this instance, or it was forgotten; BUSY, no holder at the moment (see `lost`); INVALID, malformed. */
typedef struct picket_process {
  uint32_t size;
  uint32_t reserved;
  /* Once for each instance, in picket_plugin.start. `events` is copied. UNSUPPORTED: not on this system. */
  picket_status (*open)(void *self, const picket_process_events *events, void *context, picket_error *error);
  /* When it returns, no function of `events` is running (unless it is the caller) or will run. Programs run on. Done by
   * the host too when the instance stops. */
  void (*close)(void *self);
  /* Everything in `spec` is copied. 0 with `error`: malformed (INVALID), before `ready` (BUSY), more than 10,000
   * programs (LIMIT). */
  picket_program (*start)(void *self, const picket_program_spec *spec, picket_error *error);
  picket_status (*signal)(void *self, picket_program program, int32_t signal, uint32_t flags);
  /* Until `emptied`. A second call replaces the first one's time. For a watched process: of it alone. */
  picket_status (*end)(void *self, picket_program program, const picket_program_end *how);
  picket_status (*limit)(void *self, picket_program program, const picket_program_limits *limits);
  picket_status (*tune)(void *self, picket_program program, const picket_process_tuning *tuning);
  /* From now on this process of the tree is the leader (MAINPID=): its end is `exited`. */
  picket_status (*set_main)(void *self, picket_program program, int64_t pid);
  /* Replaces what `found` will give. */
  picket_status (*set_blob)(void *self, picket_program program, picket_str blob);
  /* Everything before `offset` has been dealt with. */
  picket_status (*acknowledge_output)(void *self, picket_program program, uint32_t stream, uint64_t offset);
  /* Begins new files now. */
  picket_status (*rotate)(void *self, picket_program program);
  /* `measured` follows for each. */
  picket_status (*measure)(void *self, const picket_program *programs, uint32_t count);
  /* After `emptied`, or for a watched process: it need not be kept any longer, nor what of its output was not
   * acknowledged. A tree that is not empty: PICKET_REFUSED. */
  picket_status (*forget)(void *self, picket_program program);
  /* Watches a process that was not started here: `exited` (often UNKNOWN) and `emptied` follow when it ends, and
   * signal, end, tune, measure and forget work on it. `start_time` 0: whoever has that pid now; else only that one.
   * 0 with `error`: there is no such process. */
  picket_program (*watch)(void *self, int64_t pid, uint64_t start_time, picket_process_identity *identity,
                          picket_error *error);
} picket_process;

#ifdef __cplusplus
}
#endif
#endif
