#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes bench/RESULTS.md from the JSON files in bench/results: the only source of figures."""
import json
import pathlib
import statistics

import gpu_results

MEMORY_GOAL_MIB = 512  # peak resident memory of Tutti on a mix

HEADER = """# Results

Written by `bench/results.py` from the files in `bench/results/`; do not edit. What is measured and
what is fair about it: [README.md](README.md). CPU-s are user and system time of the whole process,
median of the runs; the figure is the median of the pairwise ratios. Memory is the peak of resident
memory; wall, memory and loudness are Tutti / peer.
"""


def path_of(record, folder):
    return folder / record["machine"]["name"] / f"{record['date']}-{record['commit']}.json"


def median(record, side, field):
    return statistics.median(run[side][field] for run in record["runs"])


def within_memory(record):
    """Whether Tutti kept its memory goal, on the jobs that have one: the mixes."""
    return "same_music" not in record or median(record, "tutti", "rss_mib") <= MEMORY_GOAL_MIB


def figure_words(record):
    if record["better"] == "ratio":
        return f"{record['figure']:.1f} × less CPU", f"≥ {record['goal']} ×"
    return f"{record['figure']:.2f} × the CPU", f"≤ {record['goal']} ×"


def verdict(record):
    """One line for the terminal."""
    figure, goal = figure_words(record)
    line = f"→ {figure} (goal {goal}: {'reached' if record['reached'] else 'NOT reached'})"
    if not within_memory(record):
        line += f"; over {MEMORY_GOAL_MIB} MiB"
    music = record.get("same_music")
    if music:
        line += (f"; {music['tutti_lufs']:.1f} and {music['peer_lufs']:.1f} LUFS, at most "
                 f"{music['short_term_apart_lu']:.1f} LU apart: "
                 + ("the same music" if music["same"] else "NOT THE SAME MUSIC, no comparison"))
    return line


def row(record):
    if "error" in record:
        return f"| {record['name']} | {record['title']} | failed | | | | | | |"
    figure, goal = figure_words(record)
    music = record.get("same_music")
    same = "" if not music else (f"{music['tutti_lufs']:.1f} / {music['peer_lufs']:.1f}"
                                 + ("" if music["same"] else " **differs**"))
    return (f"| {record['name']} | {record['title']} | {median(record, 'tutti', 'cpu_s'):.2f} "
            f"| {median(record, 'peer', 'cpu_s'):.2f} | **{figure}** | {goal} "
            f"{'✓' if record['reached'] else '✗'} | {median(record, 'tutti', 'wall_s'):.2f} / "
            f"{median(record, 'peer', 'wall_s'):.2f} | {median(record, 'tutti', 'rss_mib'):.0f}"
            f"{'' if within_memory(record) else ' ✗'} / {median(record, 'peer', 'rss_mib'):.0f} "
            f"| {same} |")


def section(record):
    machine, tools = record["machine"], record["tools"]
    lines = [f"### {record['date']}, commit {record['commit']}", "",
             f"{tools['ffmpeg'] or 'FFmpeg'}; {len(record['jobs'][0]['runs'])} runs each, "
             f"load before {record['load_before']:.1f} on {machine['cores']} cores; goal for the peak "
             f"memory of a mix {MEMORY_GOAL_MIB} MiB.", "",
             "| | job | Tutti CPU-s | peer CPU-s | figure | goal | wall s | peak MiB | LUFS |",
             "|---|---|---:|---:|---:|---:|---:|---:|---:|"]
    lines += [row(job) for job in record["jobs"]]
    return "\n".join(lines) + "\n"


def write_page(bench):
    """Newest first within a machine; of each machine the last five."""
    page = [HEADER]
    for folder in sorted(path for path in (bench / "results").glob("*") if path.is_dir()):
        records = [json.loads(path.read_text()) for path in folder.glob("*.json")]
        records = [r for r in records if r.get("schema") == 1 and "jobs" in r]
        records.sort(key=lambda r: r["time"])
        if records:
            machine = records[-1]["machine"]
            page.append(f"## {machine['cpu']}, {machine['cores']} cores, "
                        f"{machine['memory_gib']:.0f} GiB\n")
            page += [section(record) for record in reversed(records[-5:])]
    for path in sorted((bench / "results").glob("*/*.json"), reverse=True):
        record = json.loads(path.read_text())
        if record.get("kind") == "gpu":
            page += gpu_results.section(record)
    if len(page) == 1:
        page.append("No results yet: `./run bench` writes the first.\n")
    (bench / "RESULTS.md").write_text("\n".join(page))


if __name__ == "__main__":
    write_page(pathlib.Path(__file__).resolve().parent)
