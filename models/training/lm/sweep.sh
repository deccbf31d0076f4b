#!/usr/bin/env bash
# Tries decoder options on a held-out set, each with each: word error by source, commit delay (median/95 %), cost.
#   sweep.sh MODEL.safetensors SET_DIR LM_FILE [GRID] [--calibration]
# SET_DIR: manifest.tsv (file, transcript, source) and the 16 kHz mono 16-bit WAV files. GRID: beam=4,8;weight=0.3,0.4;bonus=0,1
# (also blank, unknown, delay, margin, pieces, pause). EVERY=2 takes every second recording.
set -euo pipefail
[ $# -ge 3 ] || { sed -n '2,5p' "$0"; exit 2; }
path() { case $1 in /*) printf '%s' "$1" ;; *) printf '%s/%s' "$PWD" "$1" ;; esac; }
model=$(path "$1") set=$(path "$2") lm=$(path "$3") grid=${4:-beam=8;weight=0.3,0.4,0.5,0.6;bonus=0,0.5,1}
cd "$(dirname "$0")/../../.."
exec ./mvnw -B -ntp -q -Dquick -pl plugins/speech -am -Dtest=DecoderSweep -Dsurefire.failIfNoSpecifiedTests=false test \
  "-Dsweep.model=$model" "-Dsweep.set=$set" "-Dsweep.lm=$lm" "-Dsweep.grid=$grid" "-Dsweep.every=${EVERY:-1}" \
  "-Dsweep.calibration=$([ "${5:-}" = --calibration ] && echo true || echo false)"
