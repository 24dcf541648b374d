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
# Headers, libraries and what finds them; no programs, and of static libraries the tests' only. What is left
# has to be small: it travels with the source.
rm -rf debs bin sbin usr/bin usr/sbin usr/src usr/libexec usr/lib/*/{guile,perl,perl5,perl-base,gprofng,bfd-plugins}
find usr/share -mindepth 1 -maxdepth 1 ! -name pkgconfig ! -name cmake -exec rm -rf {} +
find usr/lib -name '*.a' ! -name 'libgtest*' ! -name 'libgmock*' -delete
find usr/lib \( -name 'libperl*' -o -name 'libguile*' -o -name 'libLLVM*' -o -name 'libgprof*' -o -name 'libbfd*' \
  -o -name 'libopcodes*' -o -name '*.o' \) -delete
# Links to absolute paths would leave the prefix.
find . -type l -lname '/*' -print0 | while IFS= read -r -d '' link; do
  ln -sfn "$(realpath -m --relative-to="$(dirname "$link")" ".$(readlink "$link")")" "$link"
done
kib=$(du -sk "$dir" | cut -f1)
echo "$((kib / 1024)) MiB in $dir"
