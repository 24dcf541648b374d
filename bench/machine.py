# SPDX-License-Identifier: Apache-2.0
"""What a result has to say of the machine and the programs that it was measured with."""
import os
import pathlib
import platform
import re
import subprocess


def first_line(*command):
    try:
        out = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    text = out.stdout or out.stderr
    return text.splitlines()[0] if out.returncode == 0 and text else None


def cpu_model():
    info = pathlib.Path("/proc/cpuinfo")
    if info.is_file():
        found = re.search(r"^model name\s*:\s*(.+)$", info.read_text(), re.MULTILINE)
        if found:
            return found.group(1)
    return platform.processor() or platform.machine()


def describe():
    cores = os.cpu_count()
    model = cpu_model()
    slug = re.sub(r"\((?:r|tm)\)", "", f"{model} {cores} cores".lower())
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"name": re.sub(r"[^a-z0-9]+", "-", slug).strip("-"), "cpu": model, "cores": cores,
            "memory_gib": round(memory_bytes / 2**30, 1), "kernel": platform.release()}


def tools(program):
    return {"tutti": first_line(program, "--version"), "ffmpeg": first_line("ffmpeg", "-version")}


def commit(root):
    """Short hash; a plus sign says that the sources were not those of the commit."""
    head = first_line("git", "-C", root, "rev-parse", "--short=10", "HEAD") or "unknown"
    sources = ["CMakeLists.txt", "host", "cli", "kernels", "bench/jobs.py", "bench/material.py"]
    clean = subprocess.run(["git", "-C", str(root), "diff", "--quiet", "HEAD", "--",
                            *(s for s in sources if (root / s).exists())], capture_output=True)
    return head if clean.returncode == 0 else head + "+"
