#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A renderer that copies: `catalogue render` for tests of what schedules it.

Takes --manifest, --output and --shard as the program does, works slowly, commits like it (temporary name,
fsync, rename, then the sidecar), skips what is done, and ends with 75 when it is told to stop. Everything
else goes to the program itself, which TUTTI names.
"""
import hashlib
import json
import os
import signal
import subprocess
import sys
import time

TUTTI = os.environ["TUTTI"]
ITEM_S = float(os.environ.get("STAND_IN_ITEM_S", "0.5"))
stopped = False


def stop(*_):
    global stopped
    stopped = True


def commit(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    name = ".tutti-%016x-%08x-%08x.part" % (1, os.getpid(), int.from_bytes(os.urandom(4), "big"))
    temporary = os.path.join(os.path.dirname(path), name)
    with open(temporary, "xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.rename(temporary, path)


def measured(name):
    keys = ("integrated_lufs momentary_max_lufs short_term_max_lufs loudness_range_lu true_peak_dbtp "
            "sample_peak_dbfs rms_dbfs plr_db psr_min_db correlation").split()
    return {"file": name, "duration_s": 1.0, "sample_rate_hz": 48000, "channels": 2, "layout": None,
            **{key: None for key in keys}, "dc_offset": 0.0, "clipped_samples": 0, "error": None}


def sidecar(item, data):
    sha256 = hashlib.sha256(data).hexdigest()
    name = os.path.basename(item["output"])
    return {
        "tutti_sidecar": 1, "key": sha256, "id": item["id"], "album": item.get("album"), "sound_version": "0",
        "input": {"file": item["input"], "bytes": len(data), "sha256": sha256}, "settings": {},
        "output": {"file": name, "format": "copy", "bytes": len(data), "sha256": sha256, "audio_md5": None,
                   "frames": 48000, "sample_rate_hz": 48000, "channels": 2},
        "deliveries": 1, "target_lufs": None, "tolerance_lu": 0.1, "ceiling_dbtp": None, "gain_db": None,
        "limiter_max_reduction_db": None, "clipped_samples": 0, "before": measured(item["input"]),
        "after": measured(name), "findings": [], "services": None}


def render(manifest, out, shard):
    index, count = (int(part) for part in shard.split("/"))
    plan = subprocess.run([TUTTI, "catalogue", "plan", "--manifest", manifest, "--shards", str(count), "--json", "-"],
                          check=True, capture_output=True)
    mine = set(json.loads(plan.stdout)["shards"][index]["items"])
    for line in open(manifest, encoding="utf-8"):
        item = json.loads(line)
        output = os.path.join(out, item["output"])
        if item["id"] not in mine or os.path.exists(output + ".json"):
            continue
        if stopped:
            return 75
        data = open(os.path.join(os.path.dirname(manifest), item["input"]), "rb").read()
        time.sleep(ITEM_S)
        commit(output, data)
        commit(output + ".json", json.dumps(sidecar(item, data), indent=2).encode())
    return 0


if sys.argv[1:3] != ["catalogue", "render"]:
    os.execv(TUTTI, [TUTTI] + sys.argv[1:])
signal.signal(signal.SIGTERM, stop)
options = dict(zip(sys.argv[3::2], sys.argv[4::2]))
sys.exit(render(options["--manifest"], options["--output"], options["--shard"]))
