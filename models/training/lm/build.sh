#!/usr/bin/env bash
# Makes the shipped words.ngram: trains, prunes, packs. Five minutes and 4 GB of memory.
#   build.sh SENTENCES.tsv.xz OUT.ngram DEV_MANIFEST.tsv [OTHER_HELD_OUT.tsv ...]
set -euo pipefail
[ $# -ge 3 ] || { sed -n '2,3p' "$0"; exit 2; }
path() { case $1 in /*) printf '%s' "$1" ;; *) printf '%s/%s' "$PWD" "$1" ;; esac; }
text=$(path "$1") out=$(path "$2") dev=$(path "$3")
shift 2
held=()
for manifest in "$@"; do held+=("$(path "$manifest")"); done
cd "$(dirname "$0")/.."
arpa=$(mktemp -d)/words.arpa
python3 -m lm.train_ngram "$text" -o "$arpa" --min-count 2 --prune 1.7e-7 --spoken 50000 --seed 1 --dev "$dev" --leave-out "${held[@]}"
../../mamba-audio lm "$arpa" "$out"
rm -r "$(dirname "$arpa")"
