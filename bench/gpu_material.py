#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Stems, impulse responses and sessions for the GPU benches, made from nothing but Python.

    gpu_material.py DIR --stems 256 --seconds 60
    gpu_material.py DIR --stems 300 --seconds 240 --holes     for `tutti plan` alone

Writes 24-bit mono WAV stems of shaped noise, one 2 s stereo impulse response a stem, and the sessions
strip.yaml (high-pass, four bells, compressor, pan; master), send.yaml (the same, all into one hall),
convolution.yaml (the same with its own convolution on every stem) and small.yaml (4 stems, everything
once). With --holes the stems are as long, but of nothing: files that take no room.
"""
import argparse
import math
import pathlib
import random
import struct
import wave

RATE_HZ = 48000
IMPULSE_S = 2.0
DISTINCT = 8  # stems share so many recordings' worth of samples, each begun elsewhere


def packed_noise(rng, frames, level, decay_s=None):
    """24-bit samples of smoothed noise; with a decay, an impulse response."""
    out = bytearray(3 * frames)
    low = 0.0
    for n in range(frames):
        low += 0.3 * (rng.uniform(-1, 1) - low)
        value = level * low
        if decay_s:
            value *= math.exp(-n / (decay_s * RATE_HZ))
        else:
            value *= 0.55 + 0.45 * math.sin(2 * math.pi * n / (RATE_HZ * 1.7))
        out[3 * n:3 * n + 3] = struct.pack("<i", int(value * 8388607))[:3]
    return bytes(out)


def write_wave(path, channels, data):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(3)
        file.setframerate(RATE_HZ)
        file.writeframes(data)


def write_hole(path, frames):
    write_wave(path, 1, b"")
    with open(path, "r+b") as file:
        header = file.read()
        size = 3 * frames
        file.seek(4)
        file.write(struct.pack("<I", len(header) - 8 + size))
        file.seek(len(header) - 4)
        file.write(struct.pack("<I", size))
        file.truncate(len(header) + size)


def interleave(left, right):
    out = bytearray(2 * len(left))
    for byte in range(3):
        out[byte::6] = left[byte::3]
        out[3 + byte::6] = right[byte:len(left):3]
    return bytes(out)


def strip(impulse):
    bells = [(180, -2.0, 0.9), (420, -1.5, 1.1), (2600, 2.0, 0.8), (7200, 1.5, 0.7)]
    bands = ["{type: high_pass, freq_hz: 80, slope_db_per_oct: 12}"]
    bands += [f"{{type: bell, freq_hz: {f}, gain_db: {g}, q: {q}}}" for f, g, q in bells]
    inserts = ["{eq: {bands: [" + ", ".join(bands) + "]}}",
               "{compressor: {threshold_db: -22, ratio: 2.5, knee_db: 6, attack_ms: 10, "
               "release_ms: 100, makeup_db: 2}}"]
    if impulse:
        inserts.append(f"{{convolver: {{impulse: {impulse}}}}}")
    return "[" + ", ".join(inserts) + "]"


def session(stems, seconds, with_impulse=False, hall=""):
    lines = ["tutti: 1", f"end: {seconds}", "stems:"]
    for i in range(stems):
        impulse = f"impulse_{i:04}.wav" if with_impulse else ""
        pan = round(-0.9 + 1.8 * i / max(1, stems - 1), 3)
        lines.append(f"  - {{name: S{i}, file: stem_{i:04}.wav, gain_db: -20, pan: {pan}, "
                     f"inserts: {strip(impulse)}"
                     + (", sends: [{to: Hall, gain_db: -12}]" if hall else "") + "}")
    if hall:
        lines.append(f"buses: [{{name: Hall, inserts: [{{convolver: {{impulse: {hall}}}}}]}}]")
    lines += ["master: {inserts: [{eq: {bands: [{type: bell, freq_hz: 300, gain_db: -1, q: 0.7}]}}], "
              "loudness: {target_lufs: -16}, limiter: {ceiling_dbtp: -1}}",
              "outputs: [{file: mix.wav, source: mix, bit_depth: 32f}, {file: master.wav, bit_depth: 24}]"]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--stems", type=int, default=256)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--holes", action="store_true")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(1)
    frames, impulse_frames = int(options.seconds * RATE_HZ), int(IMPULSE_S * RATE_HZ)
    period = min(frames, 10 * RATE_HZ)
    count = 0 if options.holes else min(DISTINCT, options.stems)
    takes = [packed_noise(rng, period, 0.5) for _ in range(count)]
    tails = [packed_noise(rng, impulse_frames, 0.05, 0.4) for _ in range(4)]
    for i in range(options.stems):
        if options.holes:
            write_hole(options.folder / f"stem_{i:04}.wav", frames)
        else:
            take, begin = takes[i % len(takes)], 3 * rng.randrange(period)
            loop = take[begin:] + take[:begin]
            data = (loop * (frames // period + 1))[:3 * frames]
            write_wave(options.folder / f"stem_{i:04}.wav", 1, data)
        cut = 3 * (i + 1)  # so no two impulse responses are equal
        left, right = tails[i % 4], tails[(i + 1) % 4]
        write_wave(options.folder / f"impulse_{i:04}.wav", 2,
                   interleave(left[cut:] + left[:cut], right[cut:] + right[:cut]))
    seconds = options.seconds
    (options.folder / "strip.yaml").write_text(session(options.stems, seconds))
    (options.folder / "send.yaml").write_text(session(options.stems, seconds, hall="impulse_0000.wav"))
    (options.folder / "convolution.yaml").write_text(session(options.stems, seconds, True))
    (options.folder / "small.yaml").write_text(session(min(4, options.stems), min(2, seconds), True))


if __name__ == "__main__":
    main()
