#!/usr/bin/env bash
# start.sh's weights (int8 for the engine, float32) and log.   take.sh WORK OUT
set -uo pipefail
work=$1 out=$2 last=last
[ -f "$work/run/final.safetensors" ] && last=final
mkdir -p "$out"
cp "$work/train.log" "$out/"
cp "$work/run/$last.safetensors" "$work/run/$last.pt" "$out/"
tail -n 6 "$work/train.log"
