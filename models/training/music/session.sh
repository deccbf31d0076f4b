#!/usr/bin/env bash
# One training session on a machine that is reached in calls of a few minutes, is bare at first and goes away soon after the last call.
#   session.sh pack OUT CORPUS.tar.xz SOUNDFONT.sf3       here: code, scores, soundfont and FluidSynth's libraries in one folder (30 MB)
#   session.sh start WORK PACK END [TRAIN OPTIONS]        there: renders and trains in a process group of its own until that time of the clock (date +%s); returns at once
#   session.sh watch WORK SECONDS                         waits so long, or until the training has ended; shows the logs
#   session.sh take WORK OUT                              the averaged weights in half precision in parts of 15 MB, and the logs
# MUSIC_GPU (0), RENDERERS (default 9 processes), HOURS (140) and CLIPS (25, in a shard) may be set. Join the parts with cat. No MPS daemon is asked for or touched.
set -uo pipefail
what=$1
export PYTHONUNBUFFERED=1
now() { date +%s; }

case $what in
  pack)
    out=$2 here=$(cd "$(dirname "$0")/.." && pwd)
    set -e
    mkdir -p "$out/code"
    cp -r "$here/music" "$here/speech" "$out/code/"
    rm -rf "$out"/code/*/__pycache__
    cp "$3" "$out/corpus.tar.xz"
    xz -9 -c "$4" > "$out/soundfont.sf3.xz"
    libs=$(mktemp -d)
    lib=$(ldconfig -p | grep -m1 'libfluidsynth.so.3 ' | awk '{print $NF}')
    cp -L "$lib" "$libs/"
    # all that it needs but what every glibc machine has
    ldd "$lib" | awk '$3 ~ /^\// {print $3}' | grep -v -E '/(libc|libm|libpthread|libdl|librt|ld-linux|libgcc_s|libstdc\+\+|libresolv)[.-]' | xargs -I{} cp -L {} "$libs/"
    tar -C "$libs" -cf - . | xz -9e > "$out/lib.tar.xz"
    rm -r "$libs"
    du -sh "$out"; exit ;;
  start)
    work=$2 pack=$3 end=$4; shift 4
    mkdir -p "$work/data" "$work/run"
    now > "$work/t0"
    cp -r "$pack/code" "$work/"
    printf '%q ' "$@" > "$work/options"
    setsid nohup timeout -k 5 $((end + 15 - $(now))) bash "$work/code/music/session.sh" both "$work" "$pack" "$end" < /dev/null > "$work/start.log" 2>&1 &
    echo "started, ends at $end" ;;
  both)                                                   # what start leaves running
    work=$2 pack=$3 end=$4
    mkdir -p "$work/lib" "$work/midi"
    tar -C "$work/lib" -xJf "$pack/lib.tar.xz" && tar -C "$work/midi" -xJf "$pack/corpus.tar.xz" && xz -dc "$pack/soundfont.sf3.xz" > "$work/font.sf3" || exit 1
    cd "$work/code"
    grep -v '^#' music/held-out.txt > "$work/held.lst"
    export CUDA_MPS_PIPE_DIRECTORY=$work/no-mps TORCHINDUCTOR_CACHE_DIR=$work/cache TRITON_CACHE_DIR=$work/cache/triton TORCHINDUCTOR_COMPILE_THREADS=8
    export CUDA_VISIBLE_DEVICES=${MUSIC_GPU:-0}
    for again in 1 2 3; do
      resume=(); [ -f "$work/run/last.pt" ] && resume=(--resume "$work/run/last.pt")
      [ "$again" = 3 ] && resume+=(--set batch=16)           # if it was memory
      eval "options=($(cat "$work/options"))"
      OMP_NUM_THREADS=4 python3 -m music.train music/config.json --data "$work/data" --run "$work/run" --until $((end - 12)) \
        "${options[@]}" "${resume[@]}" >> "$work/train.log" 2>&1 && break
      [ "$(now)" -gt $((end - 60)) ] && break
    done &
    sounds() {
      LD_LIBRARY_PATH=$work/lib FLUIDSYNTH_LIBRARY=$work/lib/libfluidsynth.so.3 \
        python3 -c 'import sys, torch; from music.render import Synth; Synth(sys.argv[1]); print("FluidSynth is ready")' "$work/font.sf3"
    }
    sounds || {                                         # the machine's own libraries, where it has them
      for f in "$work"/lib/*; do ldconfig -p | grep -q "$(basename "$f") (" && rm "$f"; done
      sounds || exit 1
    }
    render() {
      LD_LIBRARY_PATH=$work/lib FLUIDSYNTH_LIBRARY=$work/lib/libfluidsynth.so.3 OMP_NUM_THREADS=1 CUDA_VISIBLE_DEVICES= nice -n 5 \
        python3 -m music.data "$work/midi" "$work/data" --soundfont "$work/font.sf3" "$@" >> "$work/render.log" 2>&1
    }
    render --hours 0.4 --seconds 48 --clips 30 --processes 1 --tag held --seed 99 --only "$work/held.lst" &
    render --hours "${HOURS:-140}" --seconds 48 --clips "${CLIPS:-25}" --processes "${RENDERERS:-9}" --seed 7 --until $((end - (end - $(cat "$work/t0")) / 3)) &
    wait; exit ;;
  watch)
    work=$2 end=$(($(now) + $3))
    while [ "$(now)" -lt "$end" ] && ! grep -q '^END' "$work/train.log" 2> /dev/null; do sleep 1; done ;;
  take)
    work=$2 out=$3
    mkdir -p "$out" && rm -f "$out"/*-half.pt.*
    if [ -f "$work/run/final-half.pt" ]; then
      split -b 15M -d "$work/run/final-half.pt" "$out/final-half.pt."
    elif [ -f "$work/run/last.pt" ]; then
      (cd "$work/code" && CUDA_VISIBLE_DEVICES= python3 -m music.half "$work/run/last.pt" "$work/run/last-half.pt") && split -b 15M -d "$work/run/last-half.pt" "$out/last-half.pt."
    fi
    for log in train render start; do tail -c 400000 "$work/$log.log" > "$out/$log.log"; done ;;
esac
echo "$(($(now) - $(cat "$work/t0"))) s since the start"
cut -c1-220 "$work/train.log" 2> /dev/null | tail -n "${LINES_SHOWN:-12}"
tail -qn 1 "$work/render.log" 2> /dev/null
nvidia-smi --query-gpu=name,memory.used,utilization.gpu --format=csv,noheader 2> /dev/null
exit 0
