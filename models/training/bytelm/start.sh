#!/usr/bin/env bash
# Trains the byte model in a process group of its own on one GPU until a given time; returns at once.
#   start.sh WORK END_UNIX_TIME GPU        text.tar.xz (train.txt and held.txt) lies beside this folder
#   take.sh WORK OUT                       the weights so far and the log
set -euo pipefail
work=$1 end=$2 gpu=$3 here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$work/run"
tar -C "$work" -xJf "$here/../text.tar.xz"
cd "$here/.."
export CUDA_VISIBLE_DEVICES=$gpu OMP_NUM_THREADS=2 PYTHONUNBUFFERED=1
setsid nohup bash -c "for again in 1 2 3; do
    python3 -m bytelm.train '$work' --until $end --run '$work/run' >> '$work/train.log' 2>&1 && break
  done" < /dev/null > /dev/null 2>&1 &
echo "training until $(date -d "@$end" +%H:%M:%S)"
