#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Unpacks the libraries that a build needs into DIR, for a machine that can install nothing:
#   bench/carry_packages.sh DIR     then, over there:   bench/gpu_check.sh OUT --prefix DIR
# Takes what ./run installs, less the compiler and what a CUDA machine has, with all that it depends on.
set -euo pipefail
dir=$(realpath -m "${1:?usage: bench/carry_packages.sh DIR}")
packages=(libsndfile1-dev libflac-dev libmpg123-dev libsoxr-dev libyaml-cpp-dev nlohmann-json3-dev
  libcli11-dev libfmt-dev libtbb-dev libhwy-dev libfftw3-dev libssl-dev libgtest-dev libgmock-dev
  libebur128-dev libtag1-dev)
# What every Linux has, or what would bring another C library.
have='^(libc6|libc6-dev|libc-dev|libgcc-s1|gcc-12-base|libstdc\+\+6|libcrypt1|linux-libc-dev|dpkg|perl|debconf|python3).*$'
mkdir -p "$dir/debs"
cd "$dir/debs"
mapfile -t all < <(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \
  --no-replaces --no-enhances "${packages[@]}" | grep -E '^[a-z0-9]' | grep -vE "$have" | sort -u)
for package in "${all[@]}"; do
  apt-get download -qq "$package" 2>/dev/null || true  # virtual packages have no file
done
for deb in *.deb; do dpkg -x "$deb" "$dir"; done
cd "$dir"
rm -rf debs usr/share/doc usr/share/man usr/share/locale
# Links to absolute paths would leave the prefix.
find . -type l -lname '/*' -print0 | while IFS= read -r -d '' link; do
  ln -sfn "$(realpath -m --relative-to="$(dirname "$link")" ".$(readlink "$link")")" "$link"
done
du -sh "$dir"
