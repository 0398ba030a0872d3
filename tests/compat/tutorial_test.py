#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does what sdk/TUTORIAL.md says, as it stands there.

    tutorial_test.py TUTORIAL CLONE BUILD SCRATCH [CXX [PREFIX_PATH]]

A block `sh` is run, in order and in one shell that ends at the first failure; a block with `file=NAME` is written to that
file, in the folder where the shell is; each line of a block `text` must be in the output of the block `sh` before it, in
that order.
"""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

FENCE = re.compile(r"^```(\S+)(?: file=(\S+))?$")


def blocks(text):
    kind = None
    for line in text.splitlines():
        if kind is None:
            found = FENCE.match(line)
            if found:
                kind, name, lines = found.group(1), found.group(2), []
        elif line == "```":
            yield kind, name, "\n".join(lines) + "\n"
            kind = None
        else:
            lines.append(line)
    if kind is not None:
        sys.exit("a block has no end")


def script_of(parts):
    """The shell script, and for each `sh` block by number the lines that its output must have."""
    script, wanted, number = ["set -euo pipefail"], {}, 0
    for kind, name, content in parts:
        if name:
            script.append(f"cat > '{name}' <<'END_OF_FILE'\n{content}END_OF_FILE")
        elif kind == "sh":
            number += 1
            script.append(f"echo '@@@ {number}'\n{content}")
        elif kind == "text":
            wanted.setdefault(number, []).extend(content.splitlines())
        else:
            sys.exit(f"a block `{kind}` is neither run, nor written, nor checked")
    return "\n".join(script) + "\necho '@@@ end'\n", wanted


def main():
    tutorial, clone, build, scratch = sys.argv[1:5]
    script, wanted = script_of(blocks(pathlib.Path(tutorial).read_text(encoding="utf-8")))
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(scratch)
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PICKET_", "NOTIFY_"))}
    environment.update(CLONE=clone, BUILD=build, CMAKE_GENERATOR="Ninja")
    if len(sys.argv) > 5:
        environment["CXX"] = sys.argv[5]
    if len(sys.argv) > 6 and sys.argv[6]:
        environment["CMAKE_PREFIX_PATH"] = sys.argv[6].replace(";", ":")
    shell = subprocess.Popen(["bash", "-c", script], cwd=scratch, env=environment, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, start_new_session=True)
    try:
        output, _ = shell.communicate(timeout=540)
    except subprocess.TimeoutExpired:
        output = ""
    finally:
        try:
            os.killpg(shell.pid, signal.SIGKILL)  # a daemon that was left behind by a failure
        except ProcessLookupError:
            pass
    print(output)
    if shell.returncode != 0:
        sys.exit(f"the tutorial failed (exit code {shell.returncode})")
    heard = dict(re.findall(r"^@@@ (\d+)\n(.*?)(?=^@@@ )", output, flags=re.S | re.M))
    for number, lines in wanted.items():
        at = 0
        for line in lines:
            found = heard[str(number)].find(line, at)
            if found < 0:
                sys.exit(f"block {number} of the tutorial does not print `{line}`")
            at = found + len(line)


main()
