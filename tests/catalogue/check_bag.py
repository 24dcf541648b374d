#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_bag.py BAG: whether a folder is a valid BagIt 1.0 bag, read from RFC 8493 alone."""
import hashlib
import os
import re
import sys

problems = []


def lines_of(path):
    # newline="\n": a carriage return within a line is a character of it.
    with open(path, encoding="utf-8", newline="\n") as file:
        return file.read().removesuffix("\n").split("\n")


def decoded(path):
    """Section 2.1.3: LF, CR and % are percent-encoded, nothing else is."""
    if re.search(r"%(?!0[AaDd]|25)", path) or "\r" in path:
        problems.append(f"{path!r} is not encoded as section 2.1.3 asks for")
    return re.sub("%(0[AaDd]|25)", lambda match: chr(int(match[1], 16)), path)


def manifest(name):
    hashes = {}
    for line in lines_of(os.path.join(bag, name)):
        match = re.fullmatch(r"([0-9a-f]{64})[ \t]+(.+)", line)
        if match is None:
            problems.append(f"{name}: {line!r} is no line of a manifest")
            continue
        path = decoded(match[2])
        if path in hashes or path.startswith("/") or ".." in path.split("/"):
            problems.append(f"{name}: {path!r} is listed twice, or leads out of the bag")
        hashes[path] = match[1]
    return hashes


def compare(hashes, files):
    for path in sorted(set(hashes) ^ files):
        problems.append(f"{path!r} is {'listed and not there' if path in hashes else 'there and not listed'}")
    for path in sorted(set(hashes) & files):
        with open(os.path.join(bag, path), "rb") as file:
            if hashlib.sha256(file.read()).hexdigest() != hashes[path]:
                problems.append(f"{path!r} has another hash")


bag = sys.argv[1]
files = {os.path.relpath(os.path.join(folder, name), bag) for folder, _, names in os.walk(bag) for name in names}
payload = {path for path in files if path.startswith("data/")}
if lines_of(os.path.join(bag, "bagit.txt")) != ["BagIt-Version: 1.0", "Tag-File-Character-Encoding: UTF-8"]:
    problems.append("bagit.txt is not that of BagIt 1.0")
compare(manifest("manifest-sha256.txt"), payload)
compare(manifest("tagmanifest-sha256.txt"), files - payload - {"tagmanifest-sha256.txt"})
info = lines_of(os.path.join(bag, "bag-info.txt"))
oxum = f"Payload-Oxum: {sum(os.path.getsize(os.path.join(bag, path)) for path in payload)}.{len(payload)}"
if info.count(oxum) != 1 or not all(re.fullmatch(r"[^:]+: .*", line) for line in info):
    problems.append(f"bag-info.txt does not say {oxum}, or holds what is no label and value")
print("\n".join(problems) or f"{len(payload)} payload files are as the bag says")
sys.exit(1 if problems else 0)
