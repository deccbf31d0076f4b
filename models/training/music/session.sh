#!/usr/bin/env bash
# One training session on a machine that is reached in calls of a few minutes, is bare at first and goes away soon after the last call.
#   session.sh pack OUT CORPUS.tar.xz SOUNDFONT.sf3       here: code, scores, soundfont and FluidSynth's libraries in one folder (30 MB)
#   session.sh start WORK PACK SECONDS [TRAIN OPTIONS]    there: renders on all cores and trains, each in a process group of its own; returns at once
#   session.sh watch WORK SECONDS                         waits so long, or until the training has ended; shows the logs
#   session.sh take WORK OUT                              the averaged weights in half precision in parts of 15 MB, and the logs
# SECONDS counts from the start. RENDERERS (default 14 processes), HOURS (140) and CLIPS (25, in a shard) may be set. Join the parts with cat.
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
    work=$2 pack=$3 seconds=$4; shift 4
    mkdir -p "$work/data" "$work/run" "$work/lib" "$work/midi"
    cp -r "$pack/code" "$work/"
    tar -C "$work/lib" -xJf "$pack/lib.tar.xz" && tar -C "$work/midi" -xJf "$pack/corpus.tar.xz" && xz -dc "$pack/soundfont.sf3.xz" > "$work/font.sf3" || exit 1
    now > "$work/t0"
    cd "$work/code"
    grep -v '^#' music/held-out.txt > "$work/held.lst"
    sounds() {
      LD_LIBRARY_PATH=$work/lib FLUIDSYNTH_LIBRARY=$work/lib/libfluidsynth.so.3 \
        python3 -c 'import sys, torch; from music.render import Synth; Synth(sys.argv[1]); print("FluidSynth is ready")' "$work/font.sf3"
    }
    sounds || {                                         # the machine's own libraries, where it has them
      for f in "$work"/lib/*; do ldconfig -p | grep -q "$(basename "$f") (" && rm "$f"; done
      sounds || exit 1
    }
    render() {
      LD_LIBRARY_PATH=$work/lib FLUIDSYNTH_LIBRARY=$work/lib/libfluidsynth.so.3 OMP_NUM_THREADS=1 nice -n 5 \
        python3 -m music.data "$work/midi" "$work/data" --soundfont "$work/font.sf3" "$@" >> "$work/render.log" 2>&1
    }
    export -f render; export work
    setsid nohup bash -c "render --hours 0.67 --clips 100 --processes 1 --tag held --seed 99 --only $work/held.lst &
      render --hours ${HOURS:-140} --seconds 48 --clips ${CLIPS:-25} --processes ${RENDERERS:-14} --seed 7 --until $(($(now) + seconds * 2 / 3)); wait" < /dev/null > /dev/null 2>&1 &
    options=("$@")
    printf '%q ' python3 -m music.train music/config.json --data "$work/data" --run "$work/run" "${options[@]}" > "$work/train.sh"
    setsid nohup bash -c "
      until ls $work/data/held-*-0000.npz > /dev/null 2>&1; do sleep 1; done
      for again in 1 2 3; do
        left=\$(($(now) + $seconds - \$(date +%s)))
        resume=; [ -f $work/run/last.pt ] && resume='--resume $work/run/last.pt'
        OMP_NUM_THREADS=4 bash -c \"\$(cat $work/train.sh) --seconds \$left \$resume\" >> $work/train.log 2>&1 && break
      done" < /dev/null > /dev/null 2>&1 & 
    sleep 1 ;;
  watch)
    work=$2 end=$(($(now) + $3))
    while [ "$(now)" -lt "$end" ] && ! grep -q '^END' "$work/train.log" 2> /dev/null; do sleep 1; done ;;
  take)
    work=$2 out=$3
    if [ -f "$work/run/final-half.pt" ]; then
      split -b 15M -d "$work/run/final-half.pt" "$out/final-half.pt."
    elif [ -f "$work/run/last.pt" ]; then
      (cd "$work/code" && python3 -m music.half "$work/run/last.pt" "$work/run/last-half.pt") && split -b 15M -d "$work/run/last-half.pt" "$out/last-half.pt."
    fi
    cp "$work/train.log" "$work/render.log" "$out/" ;;
esac
echo "$(($(now) - $(cat "$work/t0"))) s since the start"
cut -c1-220 "$work/train.log" 2> /dev/null | tail -n "${LINES_SHOWN:-12}"
tail -qn 1 "$work/render.log" 2> /dev/null
nvidia-smi --query-gpu=name,memory.used,utilization.gpu --format=csv,noheader 2> /dev/null
exit 0
