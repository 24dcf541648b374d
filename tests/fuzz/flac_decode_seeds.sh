#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# flac_decode_seeds FOLDER: long programmes, which the fuzzer would be slow to find.
set -euo pipefail
mkdir -p "$1"
for i in $(seq 300); do head -c $((20 * i)) /dev/urandom > "$1/$i"; done
