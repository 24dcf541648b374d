#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Gathers what bench/gpu_check.sh left in OUT into one record, and prints such records for RESULTS.md.

    gpu_results.py OUT [--commit HASH]     writes results/<gpu>/<date>-<commit>.json beside this file
"""
import argparse
import datetime
import json
import pathlib
import re

import machine

BENCH = pathlib.Path(__file__).resolve().parent
JOBS = ("strip", "send", "convolution", "large")
SANITIZER = {"memcheck": "memcheck over kernels", "memcheck_backend": "memcheck over operations",
             "racecheck": "racecheck over kernels", "synccheck": "synccheck over kernels"}
WHAT = {"strip": "high-pass, four bells, compressor on every stem; master",
        "send": "the same, all into one 2 s stereo hall",
        "convolution": "the same, a 2 s stereo convolution of its own on every stem",
        "large": "300 stems × 240 s of the second"}


def read(path):
    return json.loads(path.read_text()) if path.is_file() else None


def log(out, name):
    path = out / f"{name}.log"
    return path.read_text(errors="replace") if path.is_file() else ""


def machines_of(out):
    text, devices = log(out, "machine"), read(out / "devices.json")["devices"]
    gpu = next(d for d in devices if d["device"].startswith("cuda"))
    cpu = next(d for d in devices if d["device"] == "cpu")
    driver = re.search(r"Driver Version: (\S+)", text)
    compiler = re.search(r"release (\S+),", text)
    return {"gpu": gpu["model"], "gpu_memory_gib": round(gpu["memory_bytes"] / 2**30, 1),
            "driver": driver.group(1) if driver else None, "cuda": compiler.group(1) if compiler else None,
            "cpu": cpu["model"], "cores": cpu["cores"], "memory_gib": round(cpu["memory_bytes"] / 2**30, 1)}


def passed(out, step):
    found = re.findall(r"\[  PASSED  \] (\d+) tests", log(out, step))
    return int(found[-1]) if found and "FAILED TEST" not in log(out, step) else None


def clean(out, step):
    """How many tests passed without a report of compute-sanitizer; none: something was found."""
    text = log(out, step)
    found = "ERROR SUMMARY: 0 errors" in text or ("RACECHECK SUMMARY: 0 hazards" in text)
    return passed(out, step) if found else None


def record_of(out, commit):
    def of_jobs(kind):
        found = {job: read(out / f"{kind}_{job}.json") for job in JOBS}
        for document in filter(None, found.values()):
            document["session"] = pathlib.PurePath(document["session"]).name
        return {job: document for job, document in found.items() if document}

    return {
        "schema": 1, "kind": "gpu", "time": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "date": datetime.date.today().isoformat(), "commit": commit, "machine": machines_of(out),
        "steps": [line for line in (out / "summary.txt").read_text().splitlines() if line],
        "tests": {step: passed(out, step) for step in
                  ("kernel_tests", "backend_tests", "session_tests")},
        "sanitizer": {step: clean(out, step) for step in SANITIZER if log(out, step)},
        "equal_runs": len((out / "hashes.txt").read_text().split("\n")) - 1,
        "probe": read(out / "probe.json"), "kernels": read(out / "kernels.json"),
        "benches": of_jobs("bench"), "rooflines": of_jobs("roofline"),
        "catalogue": read(out / "catalogue.json"), "crossover": read(out / "crossover.json"),
        "torch": read(out / "torch.json")}


def table(head, rows):
    aligned = ["---"] + ["---:"] * (len(head) - 1)
    return ["| " + " | ".join(map(str, row)) + " |" for row in (head, aligned, *rows)] + [""]


def bench_rows(record):
    for job, bench in record["benches"].items():
        cpu, cuda = bench["devices"]
        stages = " / ".join(f"{1e3 * cuda['stages'][s + '_s']:.0f}" for s in ("startup", "mix", "master", "encode"))
        yield (f"{job}: {WHAT[job]}", f"{cpu['wall_s']:.3f}", f"{cuda['startup_s']:.2f}", f"{cuda['cold_wall_s']:.3f}",
               f"{cuda['wall_s']:.3f}", f"**{bench['speedup']:.1f} ×**", stages,
               "equal bits" if bench["equal_bits"] else f"{bench['null_peak_dbfs']:.1f}")


def stage_rows(record):
    for job, roofline in record["rooflines"].items():
        for stage in roofline["stages"]:
            yield (f"{job}: {stage['stage']}", f"{1e3 * stage['bound_s']:.2f}", stage["bound_by"],
                   f"{1e3 * stage['measured_s']:.1f}", f"{100 * stage['share']:.0f} %")


def crossover_rows(record):
    for point in record["crossover"]["points"]:
        yield (point["stems"], f"{point['impulse_s']} s", f"{point['duration_s']} s", f"{point['cpu']['wall_s']:.3f}",
               f"{point['cuda']['cold_wall_s']:.3f}", f"{point['cuda']['wall_s']:.3f}",
               "CUDA" if point["cuda"]["wall_s"] < point["cpu"]["wall_s"] else "CPU")


def section(record):
    """One record as lines of RESULTS.md."""
    host, tests = record["machine"], record["tests"]
    lines = [f"## {host['gpu']} beside {host['cores']} cores of {host['cpu']}", "",
             f"### {record['date']}, commit {record['commit']}", "",
             f"Driver {host['driver']}, CUDA {host['cuda']}. On the device: {tests['kernel_tests']} tests of "
             f"kernels, {tests['backend_tests']} of operations, {tests['session_tests']} of sessions passed; "
             f"{record['equal_runs']} renders of one session had the same bits. compute-sanitizer: "
             + "; ".join(f"{SANITIZER[step]}: " + (f"{count} tests, nothing found" if count else "FOUND SOMETHING")
                         for step, count in record["sanitizer"].items()) + ". " + record.get("remark", ""), "",
             "Wall seconds of one render, files in memory; `open` is the start of CUDA, `cold` the first render, "
             "`warm` the median of the others, whose stems are on the device. Stages in ms: start-up, mix, master, "
             "encode.", ""]
    lines += table(("256 stems × 60 s", "CPU", "open", "cold", "warm", "warm, CPU / CUDA", "stages, warm",
                    "null, dBFS"), bench_rows(record))
    lines += ["What each stage of a warm render takes beside what it needs at least (`tutti plan`, with the rates "
              "that were measured here), in ms:", ""]
    lines += table(("stage", "at least", "set by", "measured", "share"), stage_rows(record))
    if record["kernels"]:
        lines += ["Kernels of one cold render of `strip`, by the hardware's counters:", ""]
        lines += table(("kernel", "launches", "ms", "GB/s"),
                       ((k["kernel"], f"{k['launches']:.0f}", f"{1e3 * k['seconds']:.2f}",
                         f"{k['bytes'] / k['seconds'] / 1e9:.0f}") for k in record["kernels"][:8]))
    lines += ["Where the CPU wins:", ""]
    lines += table(("stems", "impulse", "length", "CPU", "CUDA cold", "CUDA warm", "wins warm"), crossover_rows(record))
    for catalogue in filter(None, (record["catalogue"], record["catalogue"].get("short"))):
        lines += [f"`tutti master` of {catalogue['tracks']} WAV files of {catalogue['seconds_each']} s, the start of the "
                  "program included:", ""]
        lines += table(("device", "items at a time", "s", "× real time"),
                       ((p["device"], p["jobs"], f"{p['seconds']:.2f}", f"{p['realtime']:.0f}")
                        for p in catalogue["points"]))
    if record["torch"]:
        peer = record["torch"]
        lines += [f"The convolutions and the sum of `convolution` alone, stems on the device: PyTorch {peer['torch']} "
                  f"takes {1e3 * peer['seconds']:.0f} ms.", ""]
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--commit")
    options = parser.parse_args()
    commit = options.commit or machine.commit(BENCH.parent)
    record = record_of(options.out, commit)
    folder = BENCH / "results" / re.sub(r"[^a-z0-9]+", "-", record["machine"]["gpu"].lower()).strip("-")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{record['date']}-{commit}.json"
    path.write_text(json.dumps(record, indent=1) + "\n")
    print(path)


if __name__ == "__main__":
    main()
