#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""FFmpeg's loudnorm in two passes, as its manual says: a FLAC to a loudness under a true peak."""
import argparse
import json
import subprocess

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("source")
parser.add_argument("out", help="FLAC, 24 bit, 48 kHz")
parser.add_argument("lufs")
parser.add_argument("dbtp")
parser.add_argument("--before", default="", help="filters before loudnorm, in both passes")
parser.add_argument("--second", help="a second FLAC: 16 bit, 44.1 kHz, shaped dither")
options = parser.parse_args()

before = options.before + "," if options.before else ""
goal = f"I={options.lufs}:TP={options.dbtp}:LRA=20"
ffmpeg = ["ffmpeg", "-hide_banner", "-nostdin", "-nostats", "-y", "-i", options.source]
told = subprocess.run([*ffmpeg, "-af", f"{before}loudnorm={goal}:print_format=json", "-f", "null", "-"],
                      stderr=subprocess.PIPE, text=True, check=True).stderr
first = json.loads(told[told.rindex("{"):told.rindex("}") + 1])
known = ":".join(f"measured_{name}={first['input_' + word]}"
                 for name, word in (("I", "i"), ("TP", "tp"), ("LRA", "lra"), ("thresh", "thresh")))
second = f"{before}loudnorm={goal}:linear=true:{known}:offset={first['target_offset']}"
flac = ["-c:a", "flac", "-compression_level", "5"]
if not options.second:
    written = ["-af", second, "-ar", "48000", *flac, options.out]
else:
    graph = (f"[0:a]{second},asplit[a][b];[a]aresample=48000[full];"
             "[b]aresample=44100:resampler=soxr:precision=28:osf=s16:dither_method=shibata[cd]")
    written = ["-filter_complex", graph, "-map", "[full]", *flac, "-sample_fmt", "s32", options.out,
               "-map", "[cd]", *flac, "-sample_fmt", "s16", options.second]
subprocess.run([*ffmpeg, "-v", "error", *written], check=True)
