#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where the CPU wins and where the GPU does: stems × impulse length × duration, cold and warm.

    crossover.py TUTTI MATERIAL OUT.json [--quick]

MATERIAL is a folder of gpu_material.py. Every point is one `tutti bench` on both devices.
"""
import argparse
import itertools
import json
import pathlib
import subprocess
import tempfile

import gpu_material


def session(material, stems, impulse_s, seconds):
    text = gpu_material.session(stems, seconds, impulse_s > 0)
    for i in range(stems):
        text = text.replace(f"stem_{i:04}.wav", str(material / f"stem_{i:04}.wav"))
        text = text.replace(f"impulse_{i:04}.wav", str(material / f"impulse_{i:04}.wav"))
    return text


def bench(tutti, text):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(text)
        file.flush()
        result = subprocess.run([tutti, "bench", file.name, "--devices", "cpu,cuda", "--runs", "3",
                                 "--json", "-"], check=True, capture_output=True, text=True)
    return json.loads(result.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tutti")
    parser.add_argument("material", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    material = options.material.resolve()
    have = len(list(material.glob("stem_*.wav")))
    axes = ([2, 4], [0, 2], [1]) if options.quick else ([4, 32, 256], [0, 2], [5, 60])
    points = []
    print(f"{'stems':>6} {'impulse s':>9} {'length s':>9} {'cpu warm':>9} {'cuda cold':>9} {'cuda warm':>9}")
    for stems, impulse_s, seconds in itertools.product(*axes):
        if stems > have:
            continue
        record = bench(options.tutti, session(material, stems, impulse_s, seconds))
        cpu, cuda = record["devices"]
        points.append({"stems": stems, "impulse_s": impulse_s, "duration_s": seconds, "cpu": cpu,
                       "cuda": cuda, "null_peak_dbfs": record["null_peak_dbfs"]})
        print(f"{stems:6} {impulse_s:9} {seconds:9} {cpu['wall_s']:9.3f} {cuda['cold_wall_s']:9.3f} "
              f"{cuda['wall_s']:9.3f}", flush=True)
    options.out.write_text(json.dumps({"points": points}, indent=1) + "\n")


if __name__ == "__main__":
    main()
