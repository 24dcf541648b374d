#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the hardware counted in each kernel, from the CSV of Nsight Compute.

    kernel_counters.py COUNTERS.csv OUT.json
    kernel_counters.py --metrics              what to ask ncu for

COUNTERS.csv is what `ncu --csv --page raw` wrote. Adds up the launches of each kernel: time, bytes of device
memory, the rate of both. Only what one pass over a kernel can count is asked for: a second would have to save
all memory of the device before it.
"""
import collections
import csv
import json
import pathlib
import sys

TIME, READ, WRITTEN = "gpu__time_duration.sum", "dram__bytes_read.sum", "dram__bytes_write.sum"
SCALES = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1, "nsecond": 1e-9, "usecond": 1e-6, "msecond": 1e-3,
          "second": 1, "byte": 1, "Kbyte": 1e3, "Mbyte": 1e6, "Gbyte": 1e9, "%": 1, "": 1}


def rows(path):
    lines = [line for line in pathlib.Path(path).read_text().splitlines() if line.startswith('"')]
    reader = csv.DictReader(lines)
    units = next(reader, None)  # the second line names them
    if units is None:
        return
    for row in reader:
        yield row["Kernel Name"], {
            name: float(row[name].replace(",", "") or 0) * SCALES[units[name]]
            for name in (TIME, READ, WRITTEN) if row.get(name)}


def short(name):
    return name.split("(")[0].removeprefix("void ").replace("tutti::cuda::", "").replace("unnamed>::", "")


def main():
    if sys.argv[1:] == ["--metrics"]:
        print(",".join((TIME, READ, WRITTEN)))
        return
    kernels = collections.defaultdict(lambda: collections.defaultdict(float))
    for name, values in rows(sys.argv[1]):
        kernel = kernels[short(name)]
        kernel["launches"] += 1
        kernel["seconds"] += values[TIME]
        kernel["bytes"] += values.get(READ, 0) + values.get(WRITTEN, 0)
    table = []
    if not kernels:
        sys.exit(f"{sys.argv[1]} names no launch of a kernel")
    print(f"{'kernel':<52} {'launches':>8} {'ms':>9} {'MB':>9} {'GB/s':>7}")
    for name, kernel in sorted(kernels.items(), key=lambda item: -item[1]["seconds"]):
        seconds = kernel["seconds"]
        table.append({"kernel": name, **kernel})
        print(f"{name[:52]:<52} {kernel['launches']:8.0f} {1e3 * seconds:9.3f} {kernel['bytes'] / 1e6:9.1f} "
              f"{kernel['bytes'] / seconds / 1e9:7.0f}")
    total = sum(kernel["seconds"] for kernel in kernels.values())
    print(f"{'all kernels':<52} {sum(k['launches'] for k in kernels.values()):8.0f} {1e3 * total:9.3f}")
    pathlib.Path(sys.argv[2]).write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
