#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `tutti plan --device cuda` predicts beside what `tutti bench` measured.

    roofline.py PLAN.json BENCH.json OUT.json [--rehearsal]

PLAN.json is the document of `tutti plan SESSION --device cuda --json`, BENCH.json that of `tutti bench` of the
same session. The share is the predicted lower bound over the measured time: 1 is the limit of the machine
that PLAN.json names. --rehearsal: BENCH.json is from the emulated device; nothing is a figure then, and no
share is formed.

    roofline.py --machine PROBE.json DEVICES.json MACHINE.json

Writes the file for `tutti plan --roofline`: the data sheet of the device in DEVICES.json (`tutti devices
--json`), the rates of its bus and memory replaced by those that bench/gpu_probe.cu measured.
"""
import argparse
import json
import pathlib

# Which predicted stages happen during which measured one.
STAGES = {"mix_s": ("mix_warm",), "master_s": ("measure", "limit", "write"), "encode_s": ("read_back",)}
PROBED = {"host to device, pinned": "upload_bytes_per_s", "device to host, pinned": "download_bytes_per_s",
          "device to device, read and written": "memory_bytes_per_s"}


def read(path):
    return json.loads(pathlib.Path(path).read_text())


def bound_s(stage):
    """How often `limit` runs only samples decide, so here it counts once."""
    return (1 if stage["name"] == "limit" else stage["passes"]) * stage["bound"]["bound_s"]


def rows(plan, bench):
    """(name, at least s, set by, measured s): the stages of a warm render, then the whole, warm and cold."""
    cuda = next(device for device in bench["devices"] if device["device"].startswith("cuda"))
    predicted = plan["roofline"]
    for measured, names in STAGES.items():
        stages = [stage for stage in predicted["stages"] if stage["name"] in names]
        bound = sum(map(bound_s, stages))
        by = {stage["bound"]["bound_by"] for stage in stages}
        yield measured[:-2], bound, "/".join(sorted(by)), cuda["stages"][measured]
    for name, wall, other in ("warm", "wall_s", "mix_cold"), ("cold", "cold_wall_s", "mix_warm"):
        bound = sum(bound_s(stage) for stage in predicted["stages"] if stage["name"] != other)
        yield f"all, {name}", bound, predicted[name]["bound_by"], cuda[wall]


def compare(options):
    plan, bench = read(options.files[0]), read(options.files[1])
    machine = plan["roofline"]["machine"]["name"]
    table = []
    print(f"at least: predicted for {machine}, a lower bound" +
          ("; a rehearsal on the emulated device, no figure" if options.rehearsal else ""))
    print(f"{'stage':<12} {'at least s':>11} {'set by':<16} {'measured s':>11} {'share':>7}")
    for name, bound, by, measured in rows(plan, bench):
        share = None if options.rehearsal or measured <= 0 else bound / measured
        table.append({"stage": name, "bound_s": bound, "bound_by": by,
                      "measured_s": None if options.rehearsal else measured, "share": share})
        shown = "-" if options.rehearsal else f"{measured:.4f}"
        print(f"{name:<12} {bound:>11.5f} {by:<16} {shown:>11} {'-' if share is None else f'{share:.2f}':>7}")
    pathlib.Path(options.files[2]).write_text(json.dumps(
        {"session": bench["session"], "machine": machine, "rehearsal": options.rehearsal, "stages": table},
        indent=1) + "\n")


def machine(options):
    probe, devices = read(options.files[0]), read(options.files[1])
    model = json.dumps(devices)
    result = {"base": "h100" if "H100" in model else "h200", "name": "the probed device", "sources": {}}
    for measurement in probe:
        field = PROBED.get(measurement["name"])
        if field and measurement["unit"] == "GB/s" and measurement["value"] > 0:
            result[field] = 1e9 * measurement["value"]
            result["sources"][field] = "measured by gpu_probe: " + measurement["name"]
    pathlib.Path(options.files[2]).write_text(json.dumps(result, indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs=3)
    parser.add_argument("--machine", action="store_true")
    parser.add_argument("--rehearsal", action="store_true")
    options = parser.parse_args()
    (machine if options.machine else compare)(options)


if __name__ == "__main__":
    main()
