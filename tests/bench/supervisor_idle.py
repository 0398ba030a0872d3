#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What many supervised programs cost: time to start them, memory, idle CPU, and from a kill to the next process.

    supervisor_idle.py BUILD [PROGRAMS] [KILLS]

Starts the daemon of that build with a process_supervisor of so many programs (1000) that sleep, measures it for ten
seconds while nothing happens, then kills programs one at a time (40). Prints one JSON object. Nothing outlives it.
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

TICK = os.sysconf("SC_CLK_TCK")


def children_of(parent):
    """Every process below `parent`, by /proc."""
    below = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="latin-1") as file:
                below.setdefault(int(file.read().rsplit(")", 1)[1].split()[1]), []).append(int(name))
        except OSError:
            pass
    found, todo = [], [parent]
    while todo:
        for child in below.get(todo.pop(), []):
            found.append(child)
            todo.append(child)
    return found


def holder_of(folder):
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                words = file.read()
        except OSError:
            continue
        if b"hold-processes" in words and folder.encode() in words:
            return int(name)
    return None


def cpu_seconds(process):
    with open(f"/proc/{process}/stat", encoding="latin-1") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def resident(process):
    with open(f"/proc/{process}/smaps_rollup", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pss:")) / 1024


def wait_for(condition, seconds):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit("it took too long")
        time.sleep(0.002)


def main():
    build = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    kills = int(sys.argv[3]) if len(sys.argv) > 3 else 40
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + "/picket.yaml", "w", encoding="utf-8") as file:
            file.write(f"daemon: {{state_dir: {folder}/state, os_log: {{journal: {folder}/j, syslog: {folder}/l}}}}\n"
                       "instances:\n  jobs:\n    type: process_supervisor\n    programs:\n"
                       "      p: {command: [/bin/sleep, '100000'], backoff: {initial: 0s, max: 0s}, "
                       f"count: {count}}}\n")
        environment = dict(os.environ, PICKET_PLUGIN_PATH=build + "/plugins")
        begin = time.monotonic()
        daemon = subprocess.Popen([build + "/bin/picket", "run", "--config", folder + "/picket.yaml"], env=environment,
                                  stdout=subprocess.DEVNULL, stderr=open(folder + "/log", "w", encoding="utf-8"))
        holder, programs = None, []
        try:
            def all_run():
                nonlocal holder, programs
                holder = holder or holder_of(folder)
                programs = children_of(holder) if holder else []
                return len(programs) >= count
            wait_for(all_run, 120)
            started = time.monotonic() - begin
            time.sleep(12)  # the first measurement, and what follows a start
            before = {one: cpu_seconds(one) for one in (daemon.pid, holder)}
            time.sleep(10)
            idle = {one: (cpu_seconds(one) - before[one]) * 10 for one in before}
            times = []
            for victim in programs[:kills]:
                at = time.monotonic()
                os.kill(victim, signal.SIGKILL)
                known = set(programs)
                def another():
                    nonlocal programs
                    programs = children_of(holder)
                    return len(programs) >= count and any(one not in known for one in programs)
                wait_for(another, 30)
                times.append((time.monotonic() - at) * 1000)
            times.sort()
            print(json.dumps({
                "programs": count, "start_all_s": round(started, 2),
                "daemon_pss_mib": round(resident(daemon.pid), 1), "holder_pss_mib": round(resident(holder), 1),
                "daemon_idle_cpu_percent": round(idle[daemon.pid], 2), "holder_idle_cpu_percent": round(idle[holder], 2),
                "restart_ms_p50": times and round(times[len(times) // 2], 1),
                "restart_ms_max": times and round(times[-1], 1)}))
        finally:
            daemon.kill()
            daemon.wait()
            left = children_of(holder) if holder else []
            for one in ([holder] if holder else []) + left:
                try:
                    os.kill(one, signal.SIGKILL)
                except OSError:
                    pass


main()
