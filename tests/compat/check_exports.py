#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_exports.py TOOL FILE [SYMBOL]: fails unless FILE exports SYMBOL (a plugin: picket_plugin_v1) and nothing else.

TOOL is nm for an ELF file and objdump for a DLL.
"""
import re
import subprocess
import sys

PLUGIN = "picket_plugin_v1"


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def exports(tool, file):
    if not file.endswith(".dll"):
        return {line.split()[-1] for line in output(tool, "-D", "--defined-only", file).splitlines() if line.strip()}
    # The table of names is the last of the export section: "[   0] name", with a "+base" column in newer versions.
    section = output(tool, "-p", file).split("[Ordinal/Name Pointer] Table", 1)
    if len(section) != 2:
        return set()
    table = section[1].split("\n\n", 1)[0]
    return set(re.findall(r"^\s*\[\s*\d+\].*?(\w+)$", table, flags=re.M))


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    expected = {sys.argv[3] if len(sys.argv) == 4 else PLUGIN}
    found = exports(sys.argv[1], sys.argv[2])
    if found != expected:
        advice = ": build it with picket_add_plugin, and export the class with PICKET_PLUGIN" if PLUGIN in expected else ""
        sys.exit(f"{sys.argv[2]} exports {sorted(found)} and not {sorted(expected)}{advice}")


if __name__ == "__main__":
    main()
