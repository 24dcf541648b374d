#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# session_seeds FOLDER: the sessions of data/, good and broken, from the top of the repository.
set -euo pipefail
mkdir -p "$1"
for file in data/broken_sessions/*.yaml data/sessions/*/*.yaml; do
  cp "$file" "$1/$(basename "$file")"
done
