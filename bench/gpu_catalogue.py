#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A folder of finished mixes mastered on the CPU and on the GPU: one track at a time, and as many as threads.

    gpu_catalogue.py TUTTI FOLDER OUT.json [--quick]

Makes the tracks (24-bit stereo WAV of shaped noise), runs `tutti master FOLDER` on each device and prints wall
times, the start of the program included. Masters of both devices have to null.
"""
import argparse
import json
import pathlib
import random
import shutil
import subprocess
import time

import gpu_material


def make_tracks(folder, tracks, seconds):
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(2)
    period = int(min(seconds, 5) * gpu_material.RATE_HZ)
    takes = [gpu_material.packed_noise(rng, period, 0.4) for _ in range(4)]
    frames = int(seconds * gpu_material.RATE_HZ)
    for i in range(tracks):
        begin = 3 * rng.randrange(period)
        left, right = takes[i % 4], takes[(i + 1) % 4]
        data = gpu_material.interleave(left[begin:] + left[:begin], right)
        gpu_material.write_wave(folder / f"track_{i:03}.wav", 2, (data * (frames // period + 1))[:6 * frames])


def master(tutti, folder, out, device, jobs, threads):
    shutil.rmtree(out, ignore_errors=True)
    start = time.perf_counter()
    subprocess.run([tutti, "master", folder, "-o", out, "--target", "-14", "--ceiling", "-1", "--device", device,
                    "--jobs", str(jobs), "--threads", str(threads), "--progress", "none", "-q"], check=True)
    return time.perf_counter() - start


def nulls(tutti, one, other, tracks):
    """Raises unless every master of one folder nulls with the other's. Each device measures for itself: a gain
    that is found 0.0003 dB apart leaves -90 dBFS of full scale."""
    files = sorted(one.glob("*.wav"))
    if len(files) != tracks:
        raise RuntimeError(f"{len(files)} masters of {tracks} tracks in {one}")
    for file in files:
        subprocess.run([tutti, "compare", file, other / file.name, "--tolerance", "-90"], check=True,
                       stdout=subprocess.DEVNULL)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tutti")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    tracks, seconds, jobs = (2, 2, (1, 2)) if options.quick else (32, 120, (1, 4, 16))
    sources = options.folder / "in"
    make_tracks(sources, tracks, seconds)
    points = []
    for count in jobs:
        for device in ("cpu", "cuda"):
            took = master(options.tutti, sources, options.folder / device, device, count, 0)
            points.append({"device": device, "jobs": count, "seconds": took,
                           "realtime": tracks * seconds / took})
            print(f"{device:5} {count:3} at a time {took:8.3f} s {tracks * seconds / took:9.0f} x realtime", flush=True)
    nulls(options.tutti, options.folder / "cpu", options.folder / "cuda", tracks)
    options.out.write_text(json.dumps({"tracks": tracks, "seconds_each": seconds, "points": points}, indent=1) + "\n")


if __name__ == "__main__":
    main()
