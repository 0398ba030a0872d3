#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The layout of the C ABI as text: what the compatibility tests compare and what they are generated from.

    layout.py dump HEADERS [--compiler CC]     print the layout of the headers in HEADERS/picket (needs a compiler of
                                               this machine, whose program it runs)
    layout.py asserts DUMP                     print a C file that asserts what the dump says
    layout.py compare OLD NEW                  fail unless OLD is, struct by struct, a prefix of NEW
    layout.py keep HEADERS                     draft only: replace the kept headers, dump and asserts by today's

A dump has one line for each struct, for each of its members (offset, size, declaration), for each constant and for each
other type. Structs that begin with `size` may grow at their end; all others are frozen. Constants and types may be added, never
changed.
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
KEPT_HEADERS = HERE / "headers-1.0-draft"
KEPT_DUMP = HERE / "layout-1.0-draft.txt"
KEPT_ASSERTS = HERE / "layout.c"

# Says which version the headers are, so it changes with every release.
VERSIONS = {"PICKET_ABI_MINOR"}


def header_texts(headers):
    files = sorted((headers / "picket").rglob("*.h"))
    if not files:
        sys.exit(f"{headers}: no headers in {headers}/picket")
    return [re.sub(r"/\*.*?\*/", " ", file.read_text(encoding="utf-8"), flags=re.S) for file in files]


def declarators(body):
    """The members of a struct body, as (name, declaration) in order; a nested union is one member."""
    depth, start, statements = 0, 0, []
    for at, char in enumerate(body):
        depth += (char in "{(") - (char in "})")
        if char == ";" and depth == 0:
            statements.append(" ".join(body[start:at].split()))
            start = at + 1
    for statement in statements:
        pointer = re.search(r"\(\s*\*\s*(\w+)\s*\)\s*\(", statement)
        if pointer:
            yield pointer.group(1), statement
        elif "}" in statement:
            yield statement.rsplit("}", 1)[1].strip(), statement
        else:
            first, *others = [part.strip() for part in statement.split(",")]
            kind = re.match(r"(.*?)(\w+(\[\w+\])?)$", first)
            for part in [kind.group(2), *others]:
                yield re.match(r"\w+", part).group(0), f"{kind.group(1).strip()} {part}"


def structs(texts):
    for text in texts:
        for match in re.finditer(r"typedef struct (\w+) \{(.*?)\n\} \1;", text, flags=re.S):
            yield match.group(1), list(declarators(match.group(2)))


def constants(texts):
    for text in texts:
        for name, value in re.findall(r"^#define (PICKET_\w+)[ \t]+(\S.*)$", text, flags=re.M):
            if re.fullmatch(r'\(?-?(0x)?[0-9A-Fa-f]+u?\)?|".*"', value.strip()):
                yield name, value.strip()


def types(texts):
    """Callbacks and plain types: their declarations are their layout."""
    for text in texts:
        for declaration in re.findall(r"^typedef ([^{};]*);", text, flags=re.M):
            declaration = " ".join(declaration.split())
            pointer = re.search(r"\(\s*\*\s*(\w+)\s*\)\s*\(", declaration)
            yield pointer.group(1) if pointer else declaration.rsplit(" ", 1)[1], declaration


def dump(headers, compiler):
    texts = header_texts(headers)
    lines = ["#include <inttypes.h>", "#include <stdio.h>", "#include <picket/picket.h>", "int main(void) {"]
    for name, members in structs(texts):
        lines.append(f'printf("struct {name} size %zu\\n", sizeof({name}));')
        for member, declaration in members:
            lines.append(f'printf("  %zu %zu {declaration}\\n", offsetof({name}, {member}), '
                         f"sizeof((({name} *)0)->{member}));")
    for name, value in constants(texts):
        form, cast = ("%s", "") if value.startswith('"') else ("%lld", "(long long)")
        lines.append(f'printf("constant {name} {form}\\n", {cast}{name});')
    for name, declaration in types(texts):
        lines.append(f'printf("type {name} {declaration}\\n");')
    lines += ["return 0;", "}"]
    with tempfile.TemporaryDirectory() as folder:
        source, program = pathlib.Path(folder, "probe.c"), pathlib.Path(folder, "probe")
        source.write_text("\n".join(lines) + "\n", encoding="utf-8")
        subprocess.run([*compiler.split(), "-std=c11", f"-I{headers}", str(source), "-o", str(program)], check=True)
        return subprocess.run([str(program)], check=True, capture_output=True, text=True).stdout


def parse(text):
    """A dump as ({struct: (size, [member line])}, {constant or type: value or declaration})."""
    found, values, members = {}, {}, []
    for line in text.splitlines():
        if line.startswith("struct "):
            _, name, _, size = line.split()
            members = []
            found[name] = (int(size), members)
        elif line.startswith("  "):
            members.append(line.strip())
        elif line.startswith(("constant ", "type ")):
            _, name, value = line.split(maxsplit=2)
            values[name] = value
    return found, values


def may_grow(members):
    return bool(members) and members[0] == "0 4 uint32_t size"


def asserts(text):
    out = ["/* SPDX-License-Identifier: Apache-2.0", " *",
           " * Asserts the size of every struct of the ABI and the place of every member. Generated by layout.py from",
           " * layout-1.0-draft.txt; compiled as C11 and as C++20 by every compiler at hand, never linked.", " */",
           "#include <picket/picket.h>", "",
           "#ifdef __cplusplus", "#define HOLDS(condition) static_assert(condition, #condition)", "#else",
           "#define HOLDS(condition) _Static_assert(condition, #condition)", "#endif", "",
           "#define AT(type, member, offset, bytes) \\",
           "  HOLDS(offsetof(type, member) == (offset) && sizeof(((type*)0)->member) == (bytes))", ""]
    for name, (size, members) in parse(text)[0].items():
        growing = may_grow(members)
        out.append(f"HOLDS(sizeof({name}) {'>=' if growing else '=='} {size});")
        for member in members:
            offset, bytes_, declaration = member.split(maxsplit=2)
            pointer = re.search(r"\(\s*\*\s*(\w+)\s*\)\s*\(", declaration)
            identifier = pointer.group(1) if pointer else re.search(r"(\w+)(\[\w+\])?$", declaration).group(1)
            out.append(f"AT({name}, {identifier}, {offset}, {bytes_});")
        out.append("")
    return "\n".join(out)


def compare(old_text, new_text):
    """What of the old dump the new one breaks."""
    (old_structs, old_values), (new_structs, new_values) = parse(old_text), parse(new_text)
    broken = []
    for name, (size, members) in old_structs.items():
        if name not in new_structs:
            broken.append(f"struct {name} is gone")
            continue
        new_size, new_members = new_structs[name]
        for index, member in enumerate(members):
            now = new_members[index] if index < len(new_members) else "nothing"
            if now != member:
                broken.append(f"struct {name}: where '{member}' was there is '{now}'")
                break
        if not may_grow(members) and (new_size != size or len(new_members) != len(members)):
            broken.append(f"struct {name} is frozen: {len(members)} members and {size} bytes, now "
                          f"{len(new_members)} and {new_size}")
        if new_size < size:
            broken.append(f"struct {name} shrank from {size} to {new_size} bytes")
    for name, value in old_values.items():
        if name not in VERSIONS and new_values.get(name) != value:
            broken.append(f"{name} was '{value}' and is '{new_values.get(name, 'gone')}'")
    return broken


def keep(headers, compiler):
    shutil.rmtree(KEPT_HEADERS, ignore_errors=True)
    for file in [*sorted((headers / "picket").rglob("*.h")), headers / "picket" / ".clang-format"]:
        target = KEPT_HEADERS / file.relative_to(headers)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    text = dump(headers, compiler)
    KEPT_DUMP.write_text(text, encoding="utf-8")
    KEPT_ASSERTS.write_text(asserts(text), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=["dump", "asserts", "compare", "keep"])
    parser.add_argument("paths", nargs="+", type=pathlib.Path)
    parser.add_argument("--compiler", default="cc")
    arguments = parser.parse_args()
    wanted = 2 if arguments.verb == "compare" else 1
    if len(arguments.paths) != wanted:
        parser.error(f"{arguments.verb} takes {wanted} path{'s' if wanted > 1 else ''}")
    if arguments.verb == "dump":
        print(dump(arguments.paths[0], arguments.compiler), end="")
    elif arguments.verb == "asserts":
        print(asserts(arguments.paths[0].read_text(encoding="utf-8")), end="")
    elif arguments.verb == "keep":
        keep(arguments.paths[0], arguments.compiler)
    else:
        texts = [path.read_text(encoding="utf-8") if path.is_file() else dump(path, arguments.compiler)
                 for path in arguments.paths]
        broken = compare(*texts)
        if broken:
            sys.exit("\n".join(broken) + "\nMembers and constants are only ever appended: see tests/compat/README.md.")


if __name__ == "__main__":
    main()
