#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Folders of finished mixes mastered on the CPU and on the GPU: one track at a time, and as many as threads.

    gpu_catalogue.py TUTTI FOLDER OUT.json [--quick]

A few long tracks, and many of a second, of which one alone leaves a GPU nearly empty. Makes them (24-bit stereo
WAV of shaped noise), runs `tutti master FOLDER` on each device and prints wall times, the start of the program
included. Masters of both devices have to null. The short ones run once more with as many queues between driver
and GPU as there can be: by default kernels of different tracks share eight.
"""
import argparse
import json
import os
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


def master(tutti, folder, out, device, jobs, queues):
    shutil.rmtree(out, ignore_errors=True)
    environment = dict(os.environ, **({"CUDA_DEVICE_MAX_CONNECTIONS": str(queues)} if queues else {}))
    start = time.perf_counter()
    subprocess.run([tutti, "master", folder, "-o", out, "--target", "-14", "--ceiling", "-1", "--device", device,
                    "--jobs", str(jobs), "--threads", "0", "--progress", "none", "-q"], check=True, env=environment)
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


def measure(tutti, folder, tracks, seconds, jobs, queues):
    """One folder of `tracks` of `seconds` each; `queues`: how many of them CUDA is to have, None as it comes."""
    make_tracks(folder / "in", tracks, seconds)
    points = []
    for count in jobs:
        for device, queue_count in [("cpu", None)] + [("cuda", q) for q in queues]:
            took = master(tutti, folder / "in", folder / device, device, count, queue_count)
            name = f"{device}, {queue_count} queues" if queue_count else device
            points.append({"device": name, "jobs": count, "seconds": took, "realtime": tracks * seconds / took})
            print(f"{tracks} x {seconds} s, {name:15} {count:3} at a time {took:8.3f} s "
                  f"{tracks * seconds / took:9.0f} x realtime", flush=True)
    nulls(tutti, folder / "cpu", folder / "cuda", tracks)
    return {"tracks": tracks, "seconds_each": seconds, "points": points}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tutti")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    long, short = ((2, 2, (1, 2)), (4, 1, (1, 4))) if options.quick else ((32, 120, (1, 4, 16)), (512, 1, (1, 4, 16)))
    record = measure(options.tutti, options.folder / "long", *long, [None])
    record["short"] = measure(options.tutti, options.folder / "short", *short, [None, 32])
    options.out.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
