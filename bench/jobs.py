# SPDX-License-Identifier: Apache-2.0
"""The jobs of the benchmark: each one graph, said twice, as a Tutti session and to FFmpeg.

The graph: per stem a high-pass, four bells, a compressor, its fader and pan; the sum; a master
bell; a limiter; loudness. FFmpeg gets it in the form that costs it least: fader and pan as one
matrix, the reverb send taken once from the sum (legal here because all sends are equal).
"""
import dataclasses
import json
import pathlib
import sys

HIGH_PASS_HZ = 80
BELLS = [(180, -2.0, 0.9), (420, -1.5, 1.1), (2600, 2.0, 0.8), (7200, 1.5, 0.7)]  # Hz, dB, Q
MASTER_BELL = (300, -1.0, 0.7)
# Kept above the quietest notes, so that it works most of the time.
COMPRESSOR = {"threshold_db": -22, "ratio": 2.5, "knee_db": 6, "attack_ms": 10,
              "release_ms": 100, "makeup_db": 2}
# FFmpeg smooths the rectified signal where Tutti smooths the gain after a peak detector; on this
# material its level reads 3.5 dB lower (0.1 dB mean, 0.5 dB worst over 3 s remain), so its threshold
# lies that much lower and both take the same off.
FFMPEG_DETECTOR_DB = -3.5
FADER_DB = -13
SEND_DB = -9
CEILING_DB = -1
RELEASE_MS = 60


@dataclasses.dataclass
class Job:
    """One comparison. `better` is "ratio" (peer over Tutti, at least) or "cost" (Tutti over peer,
    at most). The outputs, if any, are compared by loudness."""
    name: str
    title: str
    better: str
    goal: float
    tutti: list
    peer: list
    tutti_output: pathlib.Path = None
    peer_output: pathlib.Path = None
    same_music: bool = True  # the outputs have to agree in loudness


def linear(db):
    return 10 ** (db / 20)


def pan_of(index, count):
    return round(-0.9 + 1.8 * index / (count - 1), 3)


def pan_gains(position, stereo):
    """Left and right: constant power for a mono strip, balance for one made stereo by reverb."""
    from math import cos, pi, sin
    if stereo:
        return min(1, 1 - position), min(1, 1 + position)
    return cos((position + 1) * pi / 4), sin((position + 1) * pi / 4)


def mix_jobs(program, material, work):
    """(a) no reverb, (b) one send, (c) an insert on every stem, (c-own) each its own impulse."""
    variants = [
        ("a", "no reverb", 30), ("b", "one 2 s stereo reverb send", 30),
        ("c", "a 2 s stereo reverb insert on every stem, one impulse", 25),
        ("c-own", "a 2 s stereo reverb insert on every stem, each its own impulse", 25)]
    jobs = []
    for name, title, goal in variants:
        folder = work / name
        folder.mkdir(parents=True, exist_ok=True)
        session = folder / "session.json"
        session.write_text(json.dumps(tutti_session(material, name), indent=1))
        script = folder / "graph.txt"
        script.write_text(ffmpeg_graph(material, name))
        tutti_out, peer_out = folder / "tutti", folder / "ffmpeg.wav"
        jobs.append(Job(
            name, f"{material.stem_count} stems × {material.stem_s} s, {title}", "ratio", goal,
            [program, "render", session, "-o", tutti_out, "--overwrite", "--progress", "none"],
            ["ffmpeg", "-v", "error", "-nostdin", "-y", *ffmpeg_inputs(material, name),
             "-filter_complex_script", script, "-map", "[out]", "-c:a", "pcm_s24le", peer_out],
            tutti_out / "master.wav", peer_out))
    return jobs


def measure_jobs(program, material):
    """(d) loudness and true peak of a long stereo file; the same from FLAC against decoding."""
    minutes = material.programme_minutes
    null = ["-f", "null", "-"]
    ffmpeg = ["ffmpeg", "-v", "error", "-nostdin", "-nostats", "-i"]
    return [
        Job("d", f"loudness and true peak of {minutes} min stereo WAV", "ratio", 15,
            [program, "measure", material.programme_wav, "--json", "-"],
            [*ffmpeg, material.programme_wav, "-af", "ebur128=peak=true:framelog=verbose", *null]),
        Job("d-flac", "the same from FLAC, against decoding alone", "cost", 1.3,
            [program, "measure", material.programme_flac, "--json", "-"],
            [*ffmpeg, material.programme_flac, *null]),
        Job("d-flac-meter", "the same from FLAC, against FFmpeg's meter", "ratio", 5,
            [program, "measure", material.programme_flac, "--json", "-"],
            [*ffmpeg, material.programme_flac, "-af", "ebur128=peak=true:framelog=verbose", *null])]


TARGET_LUFS = -16


def master_jobs(program, material, work):
    """(e) a FLAC to a loudness under a true-peak ceiling, and FLAC again; (e-codec) the same against
    decoding and encoding alone; (e-chain) through a chain, to two deliveries."""
    folder = work / "e"
    folder.mkdir(parents=True, exist_ok=True)
    source, peer_out = material.programme_flac, folder / "ffmpeg.flac"
    out = folder / "tutti"
    tutti = [program, "master", source, "-o", out, "--target", str(TARGET_LUFS), "--ceiling",
             str(CEILING_DB), "--device", "cpu", "-q"]
    loudnorm = pathlib.Path(__file__).parent / "loudnorm.py"
    ffmpeg = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", source]
    name = source.name
    minutes = material.programme_minutes
    chained = work / "e-chain"
    chained.mkdir(parents=True, exist_ok=True)
    chain = chained / "chain.json"
    chain.write_text(json.dumps(tutti_chain(), indent=1))
    chain_out, chain_peer = chained / "tutti", chained / "ffmpeg.flac"
    return [
        Job("e", f"{minutes} min FLAC to {TARGET_LUFS} LUFS under a true-peak ceiling, FLAC; against "
            "loudnorm in two passes", "ratio", 10, tutti,
            [sys.executable, loudnorm, source, peer_out, str(TARGET_LUFS), str(CEILING_DB)], out / name, peer_out,
            same_music=False),  # where its peaks would pass the ceiling, loudnorm rides the level
        Job("e-codec", "the same, against decoding and encoding alone", "cost", 1.25, tutti,
            [*ffmpeg, "-c:a", "flac", "-compression_level", "5", peer_out], out / name, peer_out,
            same_music=False),
        Job("e-chain", f"{minutes} min FLAC through EQ, compressor and limiter to {TARGET_LUFS} LUFS, as "
            "24 bit FLAC and as 16 bit 44.1 kHz FLAC; against the same filters and loudnorm in two passes",
            "ratio", 10,
            [program, "master", source, "-o", chain_out, "--chain", chain, "--device", "cpu", "-q"],
            [sys.executable, loudnorm, source, chain_peer, str(TARGET_LUFS), str(CEILING_DB), "--before",
             ffmpeg_strip(), "--second", chained / "ffmpeg-cd.flac"],
            chain_out / name, chain_peer, same_music=False)]


# --- Tutti --------------------------------------------------------------------------------------

def tutti_strip():
    bells = [{"type": "bell", "freq_hz": f, "gain_db": g, "q": q} for f, g, q in BELLS]
    # The cookbook's curves, because FFmpeg's equalizer has them; the default costs the same.
    return [{"eq": {"curve": "rbj", "bands": [
        {"type": "high_pass", "freq_hz": HIGH_PASS_HZ, "slope_db_per_oct": 12}, *bells]}},
            {"compressor": COMPRESSOR}]


def tutti_session(material, variant):
    strip = tutti_strip()
    stems = []
    for i, path in enumerate(material.stems):
        inserts = list(strip)
        if variant.startswith("c"):
            impulse = material.impulses[i if variant == "c-own" else 0]
            inserts.append({"convolver": {"impulse": str(impulse)}})
        stem = {"name": f"Stem {i:02}", "file": str(path), "gain_db": FADER_DB,
                "pan": pan_of(i, material.stem_count), "inserts": inserts}
        if variant == "b":
            stem["sends"] = [{"to": "Hall", "gain_db": SEND_DB}]
        stems.append(stem)
    session = {
        "tutti": 1, "title": f"benchmark {variant}", "sample_rate_hz": 48000, "stems": stems,
        "end": material.stem_s,  # FFmpeg stops with its inputs too: nobody renders the tail
        "master": {
            "inserts": [{"eq": {"curve": "rbj", "bands": [
                {"type": "bell", "freq_hz": MASTER_BELL[0], "gain_db": MASTER_BELL[1],
                 "q": MASTER_BELL[2]}]}}],
            "limiter": {"ceiling_dbtp": CEILING_DB, "release_ms": RELEASE_MS}},
        "outputs": [{"file": "master.wav", "source": "master", "bit_depth": 24, "dither": "none"}]}
    if variant == "b":
        session["buses"] = [{"name": "Hall", "inserts": [
            {"convolver": {"impulse": str(material.impulses[0])}}]}]
    return session


def tutti_chain():
    return {"tutti_chain": 1,
            "master": {"inserts": tutti_strip(), "loudness": {"target_lufs": TARGET_LUFS},
                       "limiter": {"ceiling_dbtp": CEILING_DB, "release_ms": RELEASE_MS}},
            "outputs": [{"file": "{name}.flac", "bit_depth": 24},
                        {"file": "{name}-cd.flac", "bit_depth": 16, "sample_rate_hz": 44100,
                         "dither": "shaped"}]}


# --- FFmpeg -------------------------------------------------------------------------------------

def ffmpeg_inputs(material, variant):
    files = list(material.stems)
    if variant in ("b", "c"):
        files.append(material.impulses[0])
    elif variant == "c-own":
        files += material.impulses
    return [word for path in files for word in ("-i", path)]


def bell(freq_hz, gain_db, q):
    return f"equalizer=f={freq_hz}:t=q:w={q}:g={gain_db}"


# The whole impulse in one partition size, the fastest of afir's sizes here. Without its automatic gain
# afir (5.1) returns exactly twice the convolution, measured against a double-precision one: hence wet.
AFIR = "afir=gtype=none:wet=0.5:minp=32768:maxp=32768"


def ffmpeg_strip():
    c = COMPRESSOR
    # acompressor takes linear levels, and its times are four of its time constants long.
    return ",".join([
        f"highpass=f={HIGH_PASS_HZ}", *(bell(*b) for b in BELLS),
        f"acompressor=threshold={linear(c['threshold_db'] + FFMPEG_DETECTOR_DB):.6f}"
        f":ratio={c['ratio']}"
        f":attack={4 * c['attack_ms']}:release={4 * c['release_ms']}"
        f":knee={linear(c['knee_db']):.6f}:makeup={linear(c['makeup_db']):.6f}:detection=peak"])


def ffmpeg_graph(material, variant):
    count = material.stem_count
    lines = []
    if variant == "c":
        lines.append(f"[{count}:a]asplit={count}" + "".join(f"[h{i}]" for i in range(count)))
    for i in range(count):
        left, right = pan_gains(pan_of(i, count), variant.startswith("c"))
        fader = linear(FADER_DB)
        strip = (f"[{i}:a]{ffmpeg_strip()},"
                 f"pan=stereo|c0={fader * left:.8f}*c0|c1={fader * right:.8f}*c0")
        if variant.startswith("c"):
            impulse = f"[h{i}]" if variant == "c" else f"[{count + i}:a]"
            strip += f"[d{i}];[d{i}]{impulse}{AFIR}"
        lines.append(f"{strip}[s{i}]")
    lines.append("".join(f"[s{i}]" for i in range(count)) + f"amix={count}:normalize=0[sum]")
    if variant == "b":
        lines.append("[sum]asplit[dry][send]")
        lines.append(f"[send]volume={SEND_DB}dB[in];[in][{count}:a]{AFIR}[wet]")
        lines.append("[dry][wet]amix=2:normalize=0[mix]")
    lines.append(f"[{'mix' if variant == 'b' else 'sum'}]{bell(*MASTER_BELL)},"
                 f"alimiter=limit={linear(CEILING_DB):.6f}:attack=5:release={RELEASE_MS}:level=0,"
                 "ebur128=framelog=verbose[out]")
    return ";\n".join(lines)
