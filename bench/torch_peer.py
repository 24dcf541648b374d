#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The convolution and the sum of convolution.yaml in PyTorch on the same device: the peer.

    torch_peer.py MATERIAL OUT.json

Stems and impulse responses lie on the device before the clock starts; FFT sizes are the best of three
for overlap-save blocks; the sum is one matrix product with the pan gains. Times are medians of ten.
"""
import json
import math
import pathlib
import statistics
import sys
import time
import wave

import numpy as np
import torch


def read(path):
    with wave.open(str(path)) as file:
        raw = np.frombuffer(file.readframes(file.getnframes()), dtype=np.uint8).reshape(-1, 3)
        value = (raw[:, 0].astype(np.int32) | raw[:, 1].astype(np.int32) << 8
                 | raw[:, 2].astype(np.int8).astype(np.int32) << 16)
        return (value.astype(np.float32) / 8388608).reshape(-1, file.getnchannels()).T


def convolve_and_sum(stems, impulses, gains, fft):
    """stems [n, frames], impulses [n, 2, m], gains [n, 2] → [2, frames + m − 1], by overlap-add."""
    frames, m = stems.shape[1], impulses.shape[2]
    hop = fft - m + 1
    blocks = math.ceil(frames / hop)
    padded = torch.nn.functional.pad(stems, (0, blocks * hop - frames)).view(stems.shape[0], blocks, hop)
    spectra = torch.fft.rfft(impulses * gains[:, :, None], fft)
    total = torch.zeros(2, blocks, fft // 2 + 1, dtype=torch.complex64, device=stems.device)
    for first in range(0, stems.shape[0], 16):  # bounded memory
        part = torch.fft.rfft(padded[first:first + 16], fft)
        total += torch.einsum("nbk,nok->obk", part, spectra[first:first + 16])
    out = torch.fft.irfft(total, fft)
    result = torch.zeros(2, blocks * hop + fft, device=stems.device)
    for block in range(blocks):
        result[:, block * hop:block * hop + fft] += out[:, block]
    return result[:, :frames + m - 1]


def main():
    material, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    if not torch.cuda.is_available():
        sys.exit("PyTorch sees no CUDA device")
    names = sorted(material.glob("stem_*.wav"))
    stems = torch.from_numpy(np.stack([read(p)[0] for p in names])).cuda()
    impulses = torch.from_numpy(np.stack(
        [read(material / p.name.replace("stem", "impulse")) for p in names])).cuda()
    gains = torch.full((len(names), 2), 0.07, device="cuda")
    best = None
    for fft in (2 ** 18, 2 ** 19, 2 ** 20):
        times = []
        for _ in range(12):
            torch.cuda.synchronize()
            start = time.perf_counter()
            convolve_and_sum(stems, impulses, gains, fft)
            torch.cuda.synchronize()
            times.append(time.perf_counter() - start)
        seconds = statistics.median(times[2:])
        print(f"fft {fft}: {seconds:.4f} s")
        if best is None or seconds < best["seconds"]:
            best = {"fft": fft, "seconds": seconds}
    best |= {"stems": len(names), "frames": stems.shape[1], "torch": torch.__version__,
             "device": torch.cuda.get_device_name()}
    out.write_text(json.dumps(best, indent=1) + "\n")


if __name__ == "__main__":
    main()
