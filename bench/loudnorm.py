#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""loudnorm.py IN OUT.flac LUFS DBTP: FFmpeg's loudnorm in two passes, as its manual says."""
import json
import subprocess
import sys

source, out, lufs, dbtp = sys.argv[1:]
goal = f"I={lufs}:TP={dbtp}:LRA=20"
ffmpeg = ["ffmpeg", "-hide_banner", "-nostdin", "-nostats", "-y", "-i", source]
told = subprocess.run([*ffmpeg, "-af", f"loudnorm={goal}:print_format=json", "-f", "null", "-"],
                      stderr=subprocess.PIPE, text=True, check=True).stderr
first = json.loads(told[told.rindex("{"):told.rindex("}") + 1])
known = ":".join(f"measured_{name}={first['input_' + word]}"
                 for name, word in (("I", "i"), ("TP", "tp"), ("LRA", "lra"), ("thresh", "thresh")))
subprocess.run([*ffmpeg, "-v", "error", "-af",
                f"loudnorm={goal}:linear=true:{known}:offset={first['target_offset']}",
                "-ar", "48000", "-c:a", "flac", "-compression_level", "5", out], check=True)
