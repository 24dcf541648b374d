#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each layer includes only the layers below it (the table of CONTRIBUTING.md); sizes stay readable."""
import pathlib
import re
import sys

ALLOWED = {
    "host/audio": set(),
    "host/dsp": {"host/audio"},
    "host/flac": {"host/audio"},
    "host/io": {"host/audio", "host/dsp", "host/flac"},
    "host/backend": {"host/audio", "host/dsp"},
    "host/session": {"host/audio", "host/dsp"},
    "host/graph": {"host/audio", "host/dsp", "host/session", "host/backend"},
    "host/cpu": {"host/audio", "host/dsp", "host/backend"},
    "host/roofline": {"host/audio", "host/dsp", "host/backend"},
    "kernels": {"host/audio", "host/dsp", "host/backend"},
    "host/stage": {"host/audio", "host/dsp", "host/io", "host/backend"},
    "host/report": {"host/audio", "host/dsp", "host/session"},
    "host/catalogue": {"host/audio", "host/dsp", "host/io", "host/session", "host/report"},
    "host/engine": {"host/audio", "host/dsp", "host/io", "host/backend", "host/session", "host/graph",
                    "host/roofline", "host/stage", "host/report"},
}
MAX_LINES = 600

root = pathlib.Path(sys.argv[1])
problems = []
for layer, allowed in ALLOWED.items():
    for path in sorted((root / layer).rglob("*")):
        if path.suffix not in {".cpp", ".hpp", ".cu", ".cuh"}:
            continue
        lines = path.read_text(encoding="utf-8").splitlines()
        name = path.relative_to(root)
        if len(lines) > MAX_LINES:
            problems.append(f"{name}: {len(lines)} lines, more than {MAX_LINES}")
        for number, line in enumerate(lines, 1):
            match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not match:
                continue
            target = match.group(1)
            folder = next((known for known in ALLOWED if target.startswith(known + "/")), None)
            if folder is None:
                if not (root / target).exists() and not (path.parent / target).exists():
                    problems.append(f"{name}:{number}: {target} is not written from the root")
                elif target.startswith(("cli/", "tests/", "bench/")):
                    problems.append(f"{name}:{number}: a library layer includes {target}")
            elif folder != layer and folder not in allowed:
                problems.append(f"{name}:{number}: {layer} may not include {folder}")
print("\n".join(problems) or "every include follows the table")
sys.exit(1 if problems else 0)
