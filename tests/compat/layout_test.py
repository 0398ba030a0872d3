#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The comparison that guards the ABI must itself be able to fail."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

import layout

OLD = """struct picket_point size 16
  0 8 double x
  8 8 double y
struct picket_table size 16
  0 4 uint32_t size
  4 4 uint32_t reserved
  8 8 void (*run)(void *self)
constant PICKET_ABI_MINOR 0
constant PICKET_LIMIT -8
type picket_fn void (*picket_fn)(void *context)
"""


class Compare(unittest.TestCase):
    def changed(self, old, new):
        text = OLD.replace(old, new)
        self.assertNotEqual(text, OLD)
        return layout.compare(OLD, text)

    def test_the_same_layout_breaks_nothing(self):
        self.assertEqual(layout.compare(OLD, OLD), [])

    def test_a_member_at_the_end_of_a_growing_struct_breaks_nothing(self):
        grown = self.changed("struct picket_table size 16", "struct picket_table size 24")
        self.assertEqual(grown, [])
        self.assertEqual(self.changed("(void *self)\n", "(void *self)\n  16 8 void (*more)(void *self)\n"), [])

    def test_a_member_in_the_middle_is_found(self):
        self.assertEqual(len(self.changed("  8 8 void (*run)", "  8 8 void *new\n  16 8 void (*run)")), 1)

    def test_another_signature_is_found(self):
        self.assertEqual(len(self.changed("(*run)(void *self)", "(*run)(void *self, int x)")), 1)
        self.assertEqual(len(self.changed("(void *context)", "(const void *context)")), 1)

    def test_a_frozen_struct_does_not_grow(self):
        grown = self.changed("  8 8 double y\n", "  8 8 double y\n  16 8 double z\n")
        self.assertEqual(grown, ["struct picket_point is frozen: 2 members and 16 bytes, now 3 and 16"])

    def test_what_is_gone_is_found(self):
        self.assertEqual(len(self.changed("struct picket_point", "struct picket_place")), 1)
        self.assertEqual(len(self.changed("  8 8 double y\n", "")), 2)
        self.assertEqual(len(self.changed("constant PICKET_LIMIT -8\n", "")), 1)

    def test_another_value_is_found_but_for_the_version(self):
        self.assertEqual(len(self.changed("PICKET_LIMIT -8", "PICKET_LIMIT -9")), 1)
        self.assertEqual(self.changed("PICKET_ABI_MINOR 0", "PICKET_ABI_MINOR 1"), [])


class Dump(unittest.TestCase):
    def test_every_form_of_member_is_seen(self):
        with tempfile.TemporaryDirectory() as folder:
            header = pathlib.Path(folder, "picket", "picket.h")
            header.parent.mkdir()
            header.write_text('''#include <stddef.h>
#include <stdint.h>
#define PICKET_ANSWER (-42)
typedef uint32_t picket_name;
typedef struct picket_all {
  uint32_t size, other; /* two at once */
  char text[16];
  const char *const *list;
  union {
    double f;
    int64_t i;
  } value;
  void (*call)(void *self,
               uint32_t count);
} picket_all;
''', encoding="utf-8")
            seen = layout.dump(pathlib.Path(folder), COMPILER)
        self.assertEqual(seen.splitlines(), [
            "struct picket_all size 48", "  0 4 uint32_t size", "  4 4 uint32_t other", "  8 16 char text[16]",
            "  24 8 const char *const * list", "  32 8 union { double f; int64_t i; } value",
            "  40 8 void (*call)(void *self, uint32_t count)", "constant PICKET_ANSWER -42",
            "type picket_name uint32_t picket_name"])

    def test_generated_asserts_notice_a_moved_member(self):
        text = layout.KEPT_DUMP.read_text(encoding="utf-8")
        good = layout.asserts(text)
        self.assertEqual(good, layout.KEPT_ASSERTS.read_text(encoding="utf-8"))
        bad = layout.asserts(text.replace("  8 8 uint64_t sequence", "  12 8 uint64_t sequence"))
        for source, expected in ((good, 0), (bad, 1)):
            run = subprocess.run([*COMPILER.split(), "-std=c11", "-xc", "-fsyntax-only", f"-I{layout.KEPT_HEADERS}", "-"],
                                 input=source, text=True, capture_output=True, check=False)
            self.assertEqual(run.returncode, expected, run.stderr)


if __name__ == "__main__":
    COMPILER = sys.argv.pop(1)
    unittest.main()
