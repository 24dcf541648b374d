#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tutti against FFmpeg on the same music: CPU seconds, wall time, memory.

    ./run bench                     builds, then runs all of it (tens of minutes)
    python3 bench/run.py --quick    a few minutes on short material, to see that everything works
    python3 bench/run.py --only a,d --runs 5

Needs Python 3.9, FFmpeg and the program in build/bench/cli. Results go to
bench/results/<machine>/<date>-<commit>.json, and bench/RESULTS.md is written anew from all of them;
quick results and parts of the benchmark stay under build/bench.
"""
import argparse
import datetime
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

import jobs
import loudness
import machine
import material
import results

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = ROOT / "build" / "bench"


class RunFailed(Exception):
    pass


def measured(command, log):
    """Runs a command; CPU seconds of it and its children, wall seconds, peak resident memory."""
    with open(log, "wb") as sink:
        start = time.monotonic()
        process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=sink)
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        tail = pathlib.Path(log).read_text(errors="replace")[-2000:]
        raise RunFailed(f"{command[0]} ended with {process.returncode}:\n{tail}")
    return {"cpu_s": round(usage.ru_utime + usage.ru_stime, 4), "wall_s": round(wall_s, 4),
            "rss_mib": round(usage.ru_maxrss / 1024, 1)}


def clear(job):
    """No run finds the output of the one before: nothing is up to date, nothing is skipped."""
    if job.tutti_output:
        shutil.rmtree(job.tutti_output.parent, ignore_errors=True)
        job.tutti_output.parent.mkdir(parents=True)
    if job.peer_output:
        job.peer_output.unlink(missing_ok=True)


def run_job(job, runs, peer_only, work):
    """Alternates A B A B, so that a machine that slows down slows both."""
    print(f"\n{job.name}: {job.title}", flush=True)
    record = {"name": job.name, "title": job.title, "better": job.better, "goal": job.goal,
              "peer_program": "ffmpeg", "runs": []}
    for number in range(runs):
        clear(job)
        pair = {} if peer_only else {"tutti": measured(job.tutti, work / f"{job.name}-tutti.log")}
        pair["peer"] = measured(job.peer, work / f"{job.name}-peer.log")
        record["runs"].append(pair)
        print(f"  run {number + 1}: " + ", ".join(
            f"{'ffmpeg' if side == 'peer' else side} {m['cpu_s']:.2f} CPU-s, "
            f"{m['wall_s']:.2f} s, {m['rss_mib']:.0f} MiB" for side, m in pair.items()), flush=True)
    if not peer_only:
        pairs = [run["peer"]["cpu_s"] / run["tutti"]["cpu_s"] for run in record["runs"]]
        figure = statistics.median(pairs if job.better == "ratio" else [1 / p for p in pairs])
        record["figure"] = round(figure, 3)
        reached = figure >= job.goal if job.better == "ratio" else figure <= job.goal
        if job.tutti_output and job.same_music:
            record["same_music"] = loudness.compare(job.tutti_output, job.peer_output)
            reached = reached and record["same_music"]["same"]
        record["reached"] = reached
        print("  " + results.verdict(record), flush=True)
    return record


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="16 stems × 15 s, 2 min, one run")
    parser.add_argument("--only", help="names of jobs: a, b, c, c-own, d, d-flac, d-flac-meter, e, e-codec, e-chain")
    parser.add_argument("--runs", type=int, help="pairs of runs for each job, default 3")
    parser.add_argument("--program", type=pathlib.Path, default=CACHE / "cli" / "tutti")
    parser.add_argument("--peer-only", action="store_true", help="measure FFmpeg alone")
    return parser.parse_args()


def main():
    options = arguments()
    if not shutil.which("ffmpeg"):
        sys.exit("ffmpeg is not installed")
    if not options.peer_only and not options.program.is_file():
        sys.exit(f"{options.program} is not built: use ./run bench, or --program FILE")
    stuff = material.quick(CACHE) if options.quick else material.full(CACHE)
    print("making the input files, once …", flush=True)
    material.make(stuff)
    work = CACHE / ("work-quick" if options.quick else "work")
    todo = (jobs.mix_jobs(options.program, stuff, work) + jobs.measure_jobs(options.program, stuff) +
            jobs.master_jobs(options.program, stuff, work))
    if options.only:
        names = options.only.split(",")
        unknown = set(names) - {job.name for job in todo}
        if unknown:
            sys.exit(f"no such job: {', '.join(sorted(unknown))}")
        todo = [job for job in todo if job.name in names]
    runs = options.runs or (1 if options.quick else 3)

    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    record = {"schema": 1, "date": now.date().isoformat(), "time": now.isoformat(),
              "commit": machine.commit(ROOT), "machine": machine.describe(),
              "tools": machine.tools(options.program), "load_before": os.getloadavg()[0],
              "material": {"stems": stuff.stem_count, "stem_s": stuff.stem_s,
                           "programme_minutes": stuff.programme_minutes}, "jobs": []}
    failed = False
    for job in todo:
        try:
            record["jobs"].append(run_job(job, runs, options.peer_only, work))
        except RunFailed as error:
            print(error, file=sys.stderr)
            record["jobs"].append({"name": job.name, "title": job.title, "error": str(error)})
            failed = True
    whole = not (options.quick or options.only or options.peer_only or failed)
    path = results.path_of(record, ROOT / "bench" / "results") if whole else work / "results.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    if whole:
        results.write_page(ROOT / "bench")
    print(f"\nwritten: {path}")
    sys.exit(3 if failed else 0)


if __name__ == "__main__":
    main()
