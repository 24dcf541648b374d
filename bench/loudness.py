# SPDX-License-Identifier: Apache-2.0
"""Whether two renders are the same music: loudness by FFmpeg's meter, over time and whole."""
import re
import subprocess

# The two compressors smooth at different places and the two limiters see other peaks (samples, true
# peaks): samples can not be equal, levels can.
INTEGRATED_TOLERANCE_LU = 0.5
SHORT_TERM_TOLERANCE_LU = 1.0  # at any time: no part is missing, none is elsewhere


def scan(path):
    out = subprocess.run(
        ["ffmpeg", "-hide_banner", "-nostdin", "-nostats", "-i", str(path),
         "-af", "ebur128=framelog=info", "-f", "null", "-"], capture_output=True, text=True)
    if out.returncode != 0:
        raise RuntimeError(out.stderr[-500:])
    short_term = [float(s) for s in re.findall(r"t: *[\d.]+ .*? S: *(-?[\d.]+)", out.stderr)]
    integrated = float(re.search(r"Summary:.*?I: +(-?[\d.]+) LUFS", out.stderr, re.DOTALL)[1])
    return integrated, short_term


def compare(tutti_output, peer_output):
    (ours, our_curve), (theirs, their_curve) = scan(tutti_output), scan(peer_output)
    # The first 3 s have no short-term value; what both call near-silence is not compared.
    pairs = [(a, b) for a, b in zip(our_curve[30:], their_curve[30:]) if max(a, b) > -50]
    apart = max((abs(a - b) for a, b in pairs), default=float("inf"))
    lengths_s = len(our_curve) / 10, len(their_curve) / 10
    same = (abs(ours - theirs) <= INTEGRATED_TOLERANCE_LU and apart <= SHORT_TERM_TOLERANCE_LU
            and abs(lengths_s[0] - lengths_s[1]) <= 0.1)
    return {"same": same, "tutti_lufs": ours, "peer_lufs": theirs,
            "short_term_apart_lu": round(apart, 2), "tutti_length_s": lengths_s[0],
            "peer_length_s": lengths_s[1], "integrated_tolerance_lu": INTEGRATED_TOLERANCE_LU,
            "short_term_tolerance_lu": SHORT_TERM_TOLERANCE_LU}
