#!/usr/bin/env bash
# One session on a machine that is reached in calls of a few minutes and goes away soon after a call that does nothing (RUNBOOK.md).
#   session.sh start WORK CODE SECONDS [RESUME.pt]         MPS and training, in a process group of its own; returns at once
#   session.sh speak WORK PROMPTS.tsv.xz [KOKORO]          synthesis, likewise; further prompts wait for their turn
#   session.sh pack WORK DIR [SPLITS]                      a pack of real speech; with SPLITS the held-out speakers are kept apart
#   session.sh watch WORK SECONDS                          waits so long, or until the training has ended
#   session.sh take WORK OUT [before-decay|best]           the averaged weights (or weights and optimiser before the fall, or the best average on dev) in small files, and the logs
# With several GPUs CUDA_VISIBLE_DEVICES says where a call's work goes. CODE/teacher.npz, if there, teaches too (teacher.py).
# Each call shows the logs. SECONDS counts from the start; synthesis stops after two thirds of it.
set -uo pipefail
what=$1 work=$2 me=$2/code/session.sh
export PYTHONUNBUFFERED=1 CUDA_MPS_PIPE_DIRECTORY=$work/mps CUDA_MPS_LOG_DIRECTORY=$work/mps-log PYTHONPATH=${SITE:-}
mkdir -p "$work/data" "$work/run" "$work/mps" "$work/mps-log"
now() { date +%s; }
apart() { setsid nohup bash "$me" "$@" < /dev/null > /dev/null 2>&1 & }

case $what in
  start)
    cp -r "$3" "$work/code"
    [ -n "${5:-}" ] && cp "$5" "$work/resume.pt"
    now > "$work/t0"
    echo "{\"until\": $(($(now) + $4))}" > "$work/run/control.json"
    echo $(($(now) + $4 * 2 / 3)) > "$work/until-synth"
    timeout 20 env -u CUDA_VISIBLE_DEVICES nvidia-cuda-mps-control -d || echo "no MPS"
    apart _train "$work" ;;
  _train)                                               # again from the last checkpoint if it falls over
    cd "$work/code"
    teacher=(); [ -f teacher.npz ] && teacher=(--teacher teacher.npz)
    from=(); [ -f "$work/resume.pt" ] && from=(--resume "$work/resume.pt")
    for _ in 1 2 3; do
      OMP_NUM_THREADS=4 python3 -m speech.train config.json --data "$work/data" --run "$work/run" --seconds 3600 "${teacher[@]}" "${from[@]}" \
        >> "$work/train.log" 2>&1 && break
      [ -f "$work/run/last.pt" ] && from=(--resume "$work/run/last.pt")
    done ;;
  speak)
    [ -n "${4:-}" ] && cp -r "$4" "$work/kokoro"
    cp "$3" "$work/"
    apart _speak "$work" "$(basename "$3")" ;;
  _speak)
    while [ -e "$work/speaking" ] && kill -0 "$(cat "$work/speaking")" 2> /dev/null; do sleep 1; done
    echo $$ > "$work/speaking"
    cd "$work/code"
    OMP_NUM_THREADS=1 CUDA_MPS_CLIENT_PRIORITY=1 python3 -m speech.synthesise "$work/$3" --kokoro "$work/kokoro" --out "$work/data" \
      --workers "${WORKERS:-2}" --tag "${3%%.*}" --until "$(cat "$work/until-synth")" >> "$work/synth.log" 2>&1 ;;
  pack) (cd "$work/code" && python3 -m speech.real --real "$3" --out "$work/data" --processes 6 ${4:+--splits "$4"}) ;;
  watch)
    end=$(($(now) + $3))
    while [ "$(now)" -lt "$end" ] && ! grep -q '^END' "$work/train.log" 2> /dev/null; do sleep 1; done ;;
  take)
    cd "$work/code"
    last=last; [ -f "$work/run/final.pt" ] && last=final
    [ "${4:-}" = best ] && [ -f "$work/run/best.pt" ] && last=best
    if [ "${4:-}" = before-decay ] && [ -f "$work/run/before-decay.pt" ]; then
      python3 -m speech.carry split "$work/run/before-decay.pt" "$3/before-decay" --what model --megabytes 15.5
    elif [ -f "$work/run/$last.pt" ]; then
      python3 -m speech.carry split "$work/run/$last.pt" "$3/$last" --what ema
    fi
    cp "$work/train.log" "$work/synth.log" "$3/" ;;
esac
case $what in _*) exit ;; esac
echo "$(($(now) - $(cat "$work/t0"))) s since the start"
cut -c1-260 "$work/train.log" 2> /dev/null | tail -n "${LINES_SHOWN:-12}"
tail -qn 3 "$work/synth.log" 2> /dev/null
nvidia-smi --query-gpu=name,memory.used,utilization.gpu --format=csv,noheader 2> /dev/null
exit 0
