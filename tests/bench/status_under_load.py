#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long `status` takes at the door while the daemon is under full load: p50, p99 and the largest, in milliseconds.

    status_under_load.py BUILD [SECONDS]

Starts the daemon of that build with a door, a route to a sink that is as quick as it can be, two writers that send
events as fast as the door takes them and one subscriber, and asks `status` a hundred times a second.
"""
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time


def connect(path):
    client = socket.socket(socket.AF_UNIX)
    client.connect(path)
    return client


def ask(client, stream, number, method, params):
    client.sendall((json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}) + "\n").encode())
    return json.loads(stream.readline())


def write_events(path, until, sent):
    event = {"kind": "load", "severity": "info", "message": "x" * 100, "fields": {"a": 1, "b": "text"}}
    line = (json.dumps({"jsonrpc": "2.0", "id": 1, "method": "publish", "params": {"events": [event] * 100}}) + "\n").encode()
    client = connect(path)
    stream = client.makefile("rb")
    while time.monotonic() < until:
        client.sendall(line * 8)
        for _ in range(8):
            stream.readline()
        sent.append(800)


def read_events(path, until, read):
    client = connect(path)
    client.sendall(b'{"jsonrpc":"2.0","id":1,"method":"subscribe"}\n')
    client.settimeout(0.5)
    while time.monotonic() < until:
        try:
            read.append(len(client.recv(1 << 16)))
        except TimeoutError:
            pass


def main():
    build = os.path.abspath(sys.argv[1])
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 10
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/s"
        with open(folder + "/picket.yaml", "w", encoding="utf-8") as file:
            file.write(f"daemon: {{state_dir: {folder}/state}}\ninstances:\n"
                       f"  door: {{type: pipe_server, listen: {{path: {path}, protocol: jsonrpc}}}}\n"
                       "  tally: {type: event_file, path: /dev/null}\nroutes:\n  r: {from: door, to: tally}\n")
        environment = dict(os.environ, PICKET_PLUGIN_PATH=build + "/plugins")
        daemon = subprocess.Popen([build + "/bin/picket", "run", "-c", folder + "/picket.yaml"], env=environment,
                                  stderr=subprocess.PIPE)
        try:
            while not os.path.exists(path):
                time.sleep(0.05)
                if daemon.poll() is not None:
                    sys.exit(daemon.stderr.read().decode())
            until = time.monotonic() + seconds
            sent, read = [], []
            threads = [threading.Thread(target=write_events, args=(path, until, sent)) for _ in range(2)]
            threads.append(threading.Thread(target=read_events, args=(path, until, read)))
            for thread in threads:
                thread.start()
            client = connect(path)
            stream = client.makefile("rb")
            took = []
            while time.monotonic() < until:
                began = time.monotonic()
                answer = ask(client, stream, len(took), "call", {"instance": "picket", "command": "status"})
                took.append(time.monotonic() - began)
                if "result" not in answer:
                    sys.exit(str(answer))
                time.sleep(0.01)
            for thread in threads:
                thread.join()
            took.sort()
            print(f"status: {len(took)} calls, p50 {took[len(took) // 2] * 1e3:.2f} ms, "
                  f"p99 {took[len(took) * 99 // 100] * 1e3:.2f} ms, largest {took[-1] * 1e3:.2f} ms; "
                  f"beside {sum(sent) / seconds:.0f} events/s in, {sum(read) / seconds / 1e6:.1f} MB/s to a subscriber")
        finally:
            daemon.terminate()
            daemon.wait()


main()
