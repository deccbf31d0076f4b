#!/usr/bin/env bash
# Trains the speech model on one accelerator, from packs on disk to the file that the engine reads.
#   run.sh REAL_DIR MORE_DIR KOKORO_DIR TEXT.tsv.xz WORK_DIR SECONDS [--resume CHECKPOINT.pt]
# REAL_DIR: manifest.tsv and tars; MORE_DIR: robotutor/ and music/ as pack_more.py writes them; KOKORO_DIR: as get-weights leaves it.
# Synthesis runs beside the training (under MPS, at lower priority) for the first 60 % of the time; the trainer reads what appears.
set -euo pipefail
real=$1 more=$2 kokoro=$3 text=$4 work=$5 seconds=$6; shift 6
cd "$(dirname "$0")"
mkdir -p "$work/data" "$work/run" "$work/heldout"
python3 -m speech.split --real "$real" --out splits --wav "$work/heldout"
[ -f "$work/prompts.tsv.xz" ] || python3 -m speech.prompts --text "$text" --kokoro "$kokoro" \
  --held-out "$work"/heldout/*/manifest.tsv --out "$work/prompts.tsv.xz" --lines "${PROMPTS:-100000}"
export CUDA_MPS_PIPE_DIRECTORY=$work/mps CUDA_MPS_LOG_DIRECTORY=$work/mps-log
mkdir -p "$CUDA_MPS_PIPE_DIRECTORY" "$CUDA_MPS_LOG_DIRECTORY"
nvidia-cuda-mps-control -d || echo "no MPS: synthesis will be slow"
OMP_NUM_THREADS=1 CUDA_MPS_CLIENT_PRIORITY=1 python3 -m speech.synthesise "$work/prompts.tsv.xz" --kokoro "$kokoro" \
  --out "$work/data" --workers "${WORKERS:-2}" --until $(($(date +%s) + seconds * 6 / 10)) > "$work/synth.log" 2>&1 &
python3 -m speech.real --real "$real" --splits splits --out "$work/data"
for pack in "$more"/*/; do python3 -m speech.real --real "$pack" --out "$work/data"; done
python3 -m speech.train config.json --data "$work/data" --run "$work/run" --seconds "$seconds" "$@" 2>&1 | tee "$work/train.log"
wait
python3 -m speech.export "$work/run/final.pt" "$work/model.safetensors"
python3 -m speech.evaluate "$work/run/final.pt" --int8 --manifest "$work/heldout/dev/manifest.tsv" --sounds
