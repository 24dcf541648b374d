#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes hall.wav, a synthetic stereo concert hall, and prints its figures as Markdown.

    python3 data/impulses/make_hall.py            write hall.wav here and print its figures
    python3 data/impulses/make_hall.py --measure  print the figures of the file that is there

The left channel is a source on the left of the stage heard by the left microphone, the right one
its counterpart: a stereo convolver runs channel by channel, so the stage keeps its width. Up to
the mixing time the hall is its image sources [AllenBerkley1979]; after it, noise under the decay
that the same room has by Eyring's formula and ISO 9613-1. The direct sound is left out: the file
is for a send.
Needs Python 3 and numpy; the seed is fixed. The keys in brackets are in data/README.md.
"""
import argparse
import itertools
import pathlib
import struct

import numpy as np

RATE_HZ = 48000
LENGTH_S = 2.5
FADE_S = 0.25              # the end of the file fades into nothing over this long
SEED = 1741                # the year of the Messiah
FILE = pathlib.Path(__file__).with_name("hall.wav")

# A shoebox of the Vienna and Boston kind: length, width, height. Stage at x = 0.
ROOM_M = np.array([40.0, 22.0, 17.0])
SPEED_M_S = 343.2          # at 20 degrees Celsius
SOURCES_M = np.array([[3.6, 4.8, 1.4], [4.3, 16.9, 1.3]])  # left and right half of the orchestra
PAIR_M = np.array([14.9, 11.3, 3.6])                       # off centre: no two paths are equal
PAIR_SPACING_M = 0.5                                       # cardioids at ORTF's angle, wider apart
PAIR_ANGLE_DEG = 55.0
SCATTERING = 0.3           # share of energy that each reflection takes out of the image sources
JITTER_M = 0.35            # walls are not plane: images of order 2 and more move by about this

# Reverberation time of the walls, seats and audience alone; the air comes on top.
SURFACE_HZ = np.array([31.5, 63, 125, 250, 500, 1000, 2000, 4000, 8000, 16000])
SURFACE_RT60_S = np.array([2.45, 2.5, 2.45, 2.35, 2.25, 2.2, 2.2, 2.2, 2.15, 2.1])

VOLUME_M3 = float(np.prod(ROOM_M))
AREA_M2 = 2 * float(ROOM_M[0] * ROOM_M[1] + ROOM_M[0] * ROOM_M[2] + ROOM_M[1] * ROOM_M[2])
OCTAVES_HZ = [63, 125, 250, 500, 1000, 2000, 4000, 8000, 16000]


def air_db_per_m(f_hz, celsius=20.0, humidity_percent=50.0):
    """Pure-tone attenuation of air at 101.325 kPa [ISO 9613-1, eq. 3 to 5 and B.3]."""
    t, t0, t01 = celsius + 273.15, 293.15, 273.16
    saturation = 10 ** (-6.8346 * (t01 / t) ** 1.261 + 4.6151)
    h = humidity_percent * saturation
    oxygen_hz = 24 + 4.04e4 * h * (0.02 + h) / (0.391 + h)
    nitrogen_hz = (t / t0) ** -0.5 * (9 + 280 * h * np.exp(-4.17 * ((t / t0) ** (-1 / 3) - 1)))
    f2 = np.asarray(f_hz, float) ** 2
    return 8.686 * f2 * (1.84e-11 * (t / t0) ** 0.5 + (t / t0) ** -2.5 * (
        0.01275 * np.exp(-2239.1 / t) / (oxygen_hz + f2 / oxygen_hz)
        + 0.1068 * np.exp(-3352.0 / t) / (nitrogen_hz + f2 / nitrogen_hz)))


def surface_rt60_s(f_hz):
    return np.interp(np.log2(np.maximum(f_hz, 1)), np.log2(SURFACE_HZ), SURFACE_RT60_S)


def hall_rt60_s(f_hz):
    """Decay rates of surfaces and air add."""
    return 1 / (1 / surface_rt60_s(f_hz) + air_db_per_m(f_hz) * SPEED_M_S / 60)


def minimum_phase_log_spectrum(log_magnitude, size):
    """Complex log spectrum of the causal filter with this log magnitude (real cepstrum, folded)."""
    cepstrum = np.fft.irfft(log_magnitude, size)
    cepstrum[1:size // 2] *= 2
    cepstrum[size // 2 + 1:] = 0
    return np.fft.rfft(cepstrum)


def cardioid(directions, side):
    """Gain of one capsule (side −1 left, +1 right; y grows to the right) towards unit vectors."""
    angle = np.radians(PAIR_ANGLE_DEG)
    axis = np.array([-np.cos(angle), side * np.sin(angle), 0.0])  # the stage is at small x
    return 0.5 * (1 + directions @ axis)


def images(source, rng):
    """Positions and orders of the image sources that matter before the mixing time."""
    positions, orders = [], []
    cells = itertools.product(range(-2, 3), range(-3, 4), range(-4, 5))
    for cell, flip in itertools.product(cells, itertools.product((0, 1), repeat=3)):
        n, flip = np.array(cell), np.array(flip)
        order = int(np.sum(np.abs(2 * n - flip)))
        bare_floor = order == 1 and flip[2] == 1 and n[2] == 0  # players and seats stand in its way
        if order == 0 or bare_floor:  # order 0 is the direct sound
            continue
        jitter = rng.normal(0, JITTER_M, 3) if order > 1 else np.zeros(3)
        positions.append((1 - 2 * flip) * source + 2 * n * ROOM_M + jitter)
        orders.append(order)
    return np.array(positions), np.array(orders)


def early_reflections(channel, rng, size, last_s):
    """Image sources of one channel, each a minimum-phase filter of its walls and its air."""
    f_hz = np.fft.rfftfreq(size, 1 / RATE_HZ)
    mean_free_path_m = 4 * VOLUME_M3 / AREA_M2
    # One reflection per mean free path gives the RT60 of the surfaces [Eyring1930].
    wall_db = -60 / (surface_rt60_s(f_hz) * SPEED_M_S / mean_free_path_m)
    neper = np.log(10) / 20
    wall = minimum_phase_log_spectrum(wall_db * neper, size)
    air = minimum_phase_log_spectrum(-air_db_per_m(f_hz) * neper, size)

    side = -1 if channel == 0 else 1
    receiver = PAIR_M + np.array([0, side * PAIR_SPACING_M / 2, 0])
    positions, orders = images(SOURCES_M[channel], rng)
    spectrum = np.zeros(f_hz.size, complex)
    for position, order in zip(positions, orders):
        path = position - receiver
        distance_m = np.linalg.norm(path)
        if distance_m / SPEED_M_S > last_s:
            continue
        gain = cardioid(path / distance_m, side) * (1 - SCATTERING) ** (order / 2) / distance_m
        spectrum += gain * np.exp(order * wall + distance_m * air
                                  - 2j * np.pi * f_hz * distance_m / SPEED_M_S)
    return np.fft.irfft(spectrum, size)


def pair_coherence(f_hz):
    """Coherence of the two capsules in a diffuse field, by summing over a sphere."""
    z, phi = np.meshgrid((np.arange(96) + 0.5) / 48 - 1, (np.arange(192) + 0.5) * np.pi / 96)
    r = np.sqrt(1 - z ** 2)
    directions = np.stack([r * np.cos(phi), r * np.sin(phi), z], -1).reshape(-1, 3)
    weight = cardioid(directions, -1) * cardioid(directions, 1)
    power = np.mean(cardioid(directions, 1) ** 2)
    delay_s = directions[:, 1] * PAIR_SPACING_M / SPEED_M_S
    grid_hz = np.concatenate([np.arange(0, 4000, 20), [4000, 24001]])
    # Above 4 kHz the sum has decayed to almost nothing.
    grid = [np.mean(weight * np.cos(2 * np.pi * f * delay_s)) / power for f in grid_hz[:-1]] + [0]
    return np.interp(f_hz, grid_hz, grid)


def diffuse_tail(rng, size, time_s):
    """Two channels of noise, decaying at the hall's own rate in every third of an octave."""
    f_hz = np.fft.rfftfreq(size, 1 / RATE_HZ)
    white = np.fft.rfft(rng.standard_normal((2, size)), axis=1)
    coherence = pair_coherence(f_hz)
    white[1] = coherence * white[0] + np.sqrt(1 - coherence ** 2) * white[1]
    centres_hz = 1000 * 2.0 ** (np.arange(-17, 14) / 3)
    position = 3 * np.log2(np.maximum(f_hz, 1) / centres_hz[0])
    tail = np.zeros((2, size))
    for band, centre_hz in enumerate(centres_hz):
        away = np.clip(np.abs(position - band), 0, 1)
        if band == 0:
            away[position < 0] = 0
        if band == len(centres_hz) - 1:
            away[position > band] = 0
        # Neighbours share energy (cos² + sin² = 1): the bands sum to white noise at time 0.
        noise = np.fft.irfft(white * np.cos(away * np.pi / 2), size, axis=1)
        tail += noise * 10 ** (-3 * np.maximum(time_s, 0) / hall_rt60_s(centre_hz))
    # Images arrive at 4πc³t²/V a second with energy 1/(ct)² each: 4πc/V a second before any loss,
    # of which a cardioid takes a third [Cremer1948].
    return tail * np.sqrt(4 * np.pi * SPEED_M_S / VOLUME_M3 / RATE_HZ / 3)


def make_hall():
    rng = np.random.default_rng(SEED)
    size = 1 << 18
    time_s = np.arange(size) / RATE_HZ
    mixing_s = np.sqrt(VOLUME_M3) / 1000  # [Polack1993]: √V in ms, 122 ms here

    tail = diffuse_tail(rng, size, time_s)
    hall = np.zeros((2, size))
    for channel in range(2):
        early = early_reflections(channel, rng, size, 2.2 * mixing_s)
        # What scattering takes from the images comes back as noise: (1 − s) per mean free path,
        # from the first reflection on. Up to 1.5 × the mixing time the images fade into it.
        first_s = np.flatnonzero(np.abs(early) > 1e-2 * np.max(np.abs(early)))[0] / RATE_HZ
        bounces = 1 + (time_s - first_s) * SPEED_M_S * AREA_M2 / (4 * VOLUME_M3)
        fade = np.cos(np.clip((time_s - first_s) / (1.5 * mixing_s - first_s), 0, 1) * np.pi / 2)
        specular = (1 - SCATTERING) ** np.maximum(bounces, 0) * fade ** 2
        diffuse = np.where(time_s >= first_s, np.sqrt(1 - specular), 0)
        hall[channel] = early * fade + tail[channel] * diffuse

    # Time 0 is when the direct sound would have arrived: the gap to the first reflection stays.
    starts = (np.linalg.norm(PAIR_M - SOURCES_M, axis=1) / SPEED_M_S * RATE_HZ).astype(int)
    hall = np.stack([h[s:s + int(LENGTH_S * RATE_HZ)] for h, s in zip(hall, starts)])
    hall = high_pass(hall, 20.0)
    fade = int(FADE_S * RATE_HZ)
    hall[:, -fade:] *= 0.5 * (1 + np.cos(np.pi * (np.arange(fade) + 1) / fade))
    hall -= fade_window(hall.shape[1]) * hall.mean(axis=1, keepdims=True)
    # Unit energy per channel in the 500 Hz and 1 kHz octaves: a send at 0 dB comes back as loud.
    for channel in range(2):
        hall[channel] /= np.sqrt(mid_energy(hall[channel]))
    return hall


def fade_window(frames):
    """A window of mean 1, for taking out the last rest of DC without a step at either end."""
    window = np.sin(np.pi * (np.arange(frames) + 0.5) / frames) ** 2
    return window / window.mean()


def high_pass(x, corner_hz):
    """Minimum-phase Butterworth of fourth order."""
    size = 1 << 19
    f_hz = np.maximum(np.fft.rfftfreq(size, 1 / RATE_HZ), 0.1)
    log_magnitude = -0.5 * np.log1p((corner_hz / f_hz) ** 8)
    spectrum = np.exp(minimum_phase_log_spectrum(log_magnitude, size))
    return np.fft.irfft(np.fft.rfft(x, size, axis=1) * spectrum, size, axis=1)[:, :x.shape[1]]


def mid_energy(h):
    """Mean of |H|² over the two octaves from 354 Hz to 1414 Hz."""
    spectrum = np.abs(np.fft.rfft(h, 1 << 18)) ** 2
    f_hz = np.fft.rfftfreq(1 << 18, 1 / RATE_HZ)
    return spectrum[(f_hz > 500 / np.sqrt(2)) & (f_hz < 1000 * np.sqrt(2))].mean()


def write_wav24(path, audio):
    """Channels × frames in −1 … +1 to a plain 24-bit WAV; rounded, no dither: the tail is noise."""
    if np.max(np.abs(audio)) >= 1:
        raise ValueError("the impulse response clips")
    samples = np.rint(audio.T * (1 << 23)).astype("<i4")
    body = samples.reshape(-1, 1).view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    channels = audio.shape[0]
    form = struct.pack("<HHIIHH", 1, channels, RATE_HZ, RATE_HZ * channels * 3, channels * 3, 24)
    chunks = b"WAVE" + b"fmt " + struct.pack("<I", len(form)) + form
    chunks += b"data" + struct.pack("<I", len(body)) + body
    path.write_bytes(b"RIFF" + struct.pack("<I", len(chunks)) + chunks)


def read_wav24(path):
    data = path.read_bytes()
    body = np.frombuffer(data[data.index(b"data") + 8:], np.uint8).reshape(-1, 3).astype(np.int32)
    value = body[:, 0] | body[:, 1] << 8 | body[:, 2] << 16
    return ((value ^ 0x800000) - 0x800000).reshape(-1, 2).T / (1 << 23)


# --- figures [ISO 3382-1] -----------------------------------------------------------------------

def octave(x, centre_hz):
    """Zero-phase octave filter with raised-cosine flanks a third of an octave wide."""
    size = 1 << 18
    f_hz = np.maximum(np.fft.rfftfreq(size, 1 / RATE_HZ), 1e-3)
    away = np.clip((np.abs(np.log2(f_hz / centre_hz)) - 1 / 3) * 3, 0, 1)
    return np.fft.irfft(np.fft.rfft(x, size) * np.cos(away * np.pi / 2), size)[..., :x.shape[-1]]


def decay_db(h):
    """Energy decay curve by backward integration, without the part that fades out."""
    energy = h[:-int(FADE_S * RATE_HZ)] ** 2
    curve = np.cumsum(energy[::-1])[::-1]
    return 10 * np.log10(curve / curve[0] + 1e-20)


def fit_rt60_s(curve, top_db, bottom_db):
    """Reverberation time of a straight line through a part of the curve, and its r²."""
    inside = np.flatnonzero((curve <= top_db) & (curve >= bottom_db))
    t = inside / RATE_HZ
    slope, offset = np.polyfit(t, curve[inside], 1)
    residual = curve[inside] - (slope * t + offset)
    return -60 / slope, 1 - residual.var() / curve[inside].var()


def cross_correlation(left, right):
    """Largest normalised cross-correlation within ±1 ms."""
    size = 1 << 18
    product = np.fft.irfft(np.fft.rfft(left, size) * np.conj(np.fft.rfft(right, size)), size)
    lags = RATE_HZ // 1000
    near = np.concatenate([product[:lags + 1], product[-lags:]])
    return np.max(np.abs(near)) / np.sqrt(np.sum(left ** 2) * np.sum(right ** 2))


def flutter(h):
    """Largest autocorrelation of the energy envelope's fluctuation after 80 ms, lags 15 … 200 ms.

    A flutter echo repeats; a diffuse tail does not. The envelope is in 1 ms steps, its exponential
    decay divided out. About 4/√steps is chance.
    """
    h = h[int(0.08 * RATE_HZ):int(1.5 * RATE_HZ)]
    steps = len(h) // 48
    level = np.log(np.mean(h[:steps * 48].reshape(steps, 48) ** 2, axis=1))
    t = np.arange(steps)
    level -= np.polyval(np.polyfit(t, level, 2), t)
    correlation = [np.mean(level[:-lag] * level[lag:]) for lag in range(15, 201)]
    return np.max(np.abs(correlation)) / np.mean(level ** 2), 4 / np.sqrt(steps)


def measure(hall):
    split = int(0.08 * RATE_HZ)
    print("| octave Hz | T30 s | EDT s | r² of the decay | C80 dB | IACC early | IACC late |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    for centre_hz in OCTAVES_HZ:
        band = octave(hall, centre_hz)
        curves = [decay_db(channel) for channel in band]
        t30 = [fit_rt60_s(curve, -5, -35) for curve in curves]
        edt = np.mean([fit_rt60_s(curve, 0, -10)[0] for curve in curves])
        c80 = 10 * np.log10(np.sum(band[:, :split] ** 2) / np.sum(band[:, split:] ** 2))
        print(f"| {centre_hz} | {np.mean([t for t, _ in t30]):.2f} | {edt:.2f} "
              f"| {min(r2 for _, r2 in t30):.4f} | {c80:+.1f} "
              f"| {cross_correlation(band[0, :split], band[1, :split]):.2f} "
              f"| {cross_correlation(band[0, split:], band[1, split:]):.2f} |")
    first = [np.flatnonzero(np.abs(c) > 0.05 * np.max(np.abs(c)))[0] / RATE_HZ * 1000 for c in hall]
    pulse, chance = zip(*(flutter(channel) for channel in hall))
    print()
    peak_db = 20 * np.log10(np.abs(hall).max())
    mid_db = [10 * np.log10(mid_energy(channel)) for channel in hall]
    dc_db = 20 * np.log10(np.abs(hall.sum(axis=1)).max() + 1e-12)
    print(f"- length {hall.shape[1] / RATE_HZ:.2f} s, peak {peak_db:.1f} dBFS, energy from 354 to "
          f"1414 Hz {mid_db[0]:+.2f} dB left, {mid_db[1]:+.2f} dB right, at 0 Hz {dc_db:.0f} dB")
    print(f"- first reflection {first[0]:.1f} ms left, {first[1]:.1f} ms right after the direct "
          "sound, which is not in the file")
    print(f"- flutter: largest envelope autocorrelation {max(pulse):.3f} "
          f"(chance: up to {max(chance):.3f})")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--measure", action="store_true", help="only print the figures of hall.wav")
    if not parser.parse_args().measure:
        write_wav24(FILE, make_hall())
    measure(read_wav24(FILE))


if __name__ == "__main__":
    main()
