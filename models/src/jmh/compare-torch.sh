#!/usr/bin/env bash
# One step of a speech model, ours beside PyTorch's, one thread each, same weights, in one run. Needs a Python with torch and numpy.
#   models/src/jmh/compare-torch.sh MODEL.safetensors [PYTHON]
set -euo pipefail
model=$(readlink -f "${1:?usage: compare-torch.sh MODEL.safetensors [PYTHON]}")
python=${2:-python3}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

torch() { "$python" "$here/python/torch_step.py" "$model" | grep '^torch-f32'; }

torch > "$work/torch"
(cd "$here/../../.." && ./mvnw -q -B -ntp -Dquick -Pjmh -pl models test-compile exec:exec \
  -Djmh="StepBenchmark -p model=$model -bm sample -tu us -rf csv -rff $work/jmh.csv" > "$work/log" 2>&1) || { tail -n 20 "$work/log" >&2; exit 1; }
torch >> "$work/torch"

echo "$(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2-), load $(cut -d' ' -f1 /proc/loadavg)"
awk '
  FILENAME ~ /torch$/ {
    if (!median || $2 < median) median = $2
    if (!least || $3 < least) least = $3
    next
  }
  {
    gsub(/"/, "")
    n = split($0, f, ",")
    if (f[1] ~ /step:p0.50$/) medians[f[n - 2] " " f[n]] = f[5] / 1000
    if (f[1] ~ /step:p0.00$/) leasts[f[n - 2] " " f[n]] = f[5] / 1000
  }
  END {
    printf "%-16s %10s %10s %10s %10s\n", "ms a step", "median", "x PyTorch", "least", "x PyTorch"
    printf "%-16s %10.3f %10.1f %10.3f %10.1f\n", "PyTorch F32", median, 1, least, 1
    for (k in medians) printf "%-16s %10.3f %10.1f %10.3f %10.1f\n", k, medians[k], median / medians[k], leasts[k], least / leasts[k] | "sort -k3,3rn"
  }' "$work/torch" "$work/jmh.csv"
