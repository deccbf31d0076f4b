#!/usr/bin/env bash
# A training step of 4 Mamba-1 layers (d_model 256, batch 8, 512 tokens), ours beside PyTorch's reference scan, all cores, in one run.
#   models/src/jmh/compare-train.sh [PYTHON]          a Python with torch
set -euo pipefail
python=${1:-python3}
here=$(cd "$(dirname "$0")" && pwd)
echo "$(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2-), $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg)"
"$python" "$here/python/torch_train.py" "$(nproc)" 5
cd "$here/../../.."
./mvnw -q -B -ntp -Dquick -Pjmh -pl models test-compile exec:exec -Djmh="TrainBenchmark -p kind=MAMBA1 -p shape=4x8x512" 2>&1 |
  grep -E '^(activations|TrainBenchmark|Benchmark)'
"$python" "$here/python/torch_train.py" "$(nproc)" 5
