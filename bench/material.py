# SPDX-License-Identifier: Apache-2.0
"""The benchmark's input files: made once with FFmpeg's signal sources, kept in build/bench/data.

Programme-like means: notes that start and die, at pitches that change, over a little noise, so that
compressors and limiters work. Seeds are fixed; the same FFmpeg makes the same files.
"""
import concurrent.futures
import dataclasses
import math
import os
import pathlib
import subprocess

RATE_HZ = 48000
IMPULSE_S = 2.0
IMPULSE_RT60_S = 1.8
VERSION = "1"  # change it when a recipe below changes: cached files are then made again


@dataclasses.dataclass(frozen=True)
class Material:
    folder: pathlib.Path
    stem_count: int
    stem_s: int
    programme_minutes: int

    @property
    def stems(self):
        return [self.folder / "stems" / f"{i:02}.wav" for i in range(self.stem_count)]

    @property
    def impulses(self):
        return [self.folder / "impulses" / f"{i:02}.wav" for i in range(self.stem_count)]

    @property
    def programme_wav(self):
        return self.folder / "programme.wav"

    @property
    def programme_flac(self):
        return self.folder / "programme.flac"

    @property
    def stem_seconds(self):
        return self.stem_count * self.stem_s


def full(cache):
    return Material(cache / "data", 64, 60, 20)


def quick(cache):
    return Material(cache / "data-quick", 16, 15, 2)


def make(material):
    """Makes what is missing. Raises CalledProcessError with FFmpeg's own words on stderr."""
    stamp = material.folder / "version.txt"
    if stamp.is_file() and stamp.read_text() == VERSION:
        return
    (material.folder / "stems").mkdir(parents=True, exist_ok=True)
    (material.folder / "impulses").mkdir(parents=True, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(make_stem, path, i, material.stem_s)
                for i, path in enumerate(material.stems)]
        jobs += [pool.submit(make_impulse, path, i) for i, path in enumerate(material.impulses)]
        for job in jobs:
            job.result()
    make_programme(material)
    ffmpeg("-i", material.programme_wav, "-c:a", "flac", "-compression_level", "8",
           material.programme_flac)
    stamp.write_text(VERSION)


def ffmpeg(*arguments):
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *map(str, arguments)], check=True)


def make_stem(path, index, length_s):
    """Notes of three partials at a tempo and pitches of the stem's own, and a noise that breathes.

    The notes stay below 6 kHz, so they are computed at 12 kHz; the noise fills the rest.
    """
    tempo_hz = 1.5 + 0.25 * (index % 9)
    lowest_hz = 55 * 2 ** (index % 4)
    notes = (
        f"st(0,floor(t*{tempo_hz})+{17 * index + 5});"
        f"st(1,{lowest_hz}*pow(2,floor(12*abs(sin(ld(0)*12.9898)))/12));"
        f"st(2,{2 * math.pi}*mod(ld(1)*t,1));"
        # Loudness moves by ±4 dB over bars, as players do.
        f"0.28*exp(-4*mod(t,{1 / tempo_hz})+0.45*sin(0.7*t+{index}))"
        "*(sin(ld(2))+0.5*sin(2*ld(2))+0.25*sin(3*ld(2)))")
    ffmpeg("-f", "lavfi", "-i", f"aevalsrc=exprs='{notes}':s=12000:d={length_s}",
           "-f", "lavfi", "-i",
           f"anoisesrc=r={RATE_HZ}:color=pink:seed={index + 1}:a=0.08:d={length_s}",
           "-filter_complex", f"[0]aresample={RATE_HZ}[n];[1]tremolo=f={tempo_hz}:d=0.8[h];"
           f"[n][h]amix=2:normalize=0,adelay={7 * index}S,atrim=end={length_s}[out]",
           "-map", "[out]", "-c:a", "pcm_s24le", path)


def make_impulse(path, index):
    """The direct sound at sample 0, then decaying noise, different on both sides."""
    decay = 3 * math.log(10) / IMPULSE_RT60_S
    # 0.006: the reverb lies 8 dB below the direct sound. random(0) goes on from variable 0.
    sides = [f"if(eq(n,0),st(0,{1000 + seed})*0+0.7,0.006*(2*random(0)-1)*exp(-{decay}*t))"
             for seed in (2 * index, 2 * index + 1)]
    ffmpeg("-f", "lavfi", "-i",
           f"aevalsrc=exprs='{sides[0]}|{sides[1]}':s={RATE_HZ}:d={IMPULSE_S}:c=stereo",
           "-c:a", "pcm_s24le", path)


def make_programme(material):
    """A record: every minute three stems at another level, limited like a finished master."""
    inputs, chains, labels = [], [], []
    for minute in range(material.programme_minutes):
        names = []
        for part in range(3):
            stem = material.stems[(minute + 20 * part) % material.stem_count]
            names.append(f"[{len(inputs) // 2}:a]pan=stereo|c0={0.9 - 0.3 * part:.1f}*c0"
                         f"|c1={0.3 + 0.3 * part:.1f}*c0[m{minute}p{part}];")
            inputs += ["-i", stem]
        level_db = -9 + 9 * math.sin(1.7 * minute)
        chains += names
        chains.append("".join(f"[m{minute}p{p}]" for p in range(3))
                      + f"amix=3:normalize=0,volume={level_db:.2f}dB,"
                        f"aloop=loop=-1:size={material.stem_s * RATE_HZ},atrim=end=60[m{minute}];")
        labels.append(f"[m{minute}]")
    graph = "".join(chains) + "".join(labels) + (
        f"concat=n={len(labels)}:v=0:a=1,alimiter=limit=0.891:level=0[out]")
    ffmpeg(*inputs, "-filter_complex", graph, "-map", "[out]", "-c:a", "pcm_s24le",
           material.programme_wav)
