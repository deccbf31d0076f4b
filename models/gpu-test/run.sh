#!/usr/bin/env bash
# On a machine with an NVIDIA GPU: parity with the scalar twin, then compute-sanitizer on small shapes. Needs no Maven, no network, no JDK:
# runs from the folder that `pack` made (jre.tgz, *.jar). Ends by itself within SECONDS_LEFT (85).
cd "$(dirname "$0")" || exit 1
. ./parts.sh
part 15 $java check stream
part 40 $java check batch
part 15 $java check prefill
part 12 $java small move
part 12 $java small others
sanitizer=$(command -v compute-sanitizer || ls /usr/local/cuda*/bin/compute-sanitizer 2> /dev/null | head -1)
[ -n "$sanitizer" ] || { echo "no compute-sanitizer here: memcheck and racecheck skipped"; exit; }
for kind in stream:speech-INT8 batch:speech-INT8 prefill:mamba1-BF16; do
  part 20 "$sanitizer" --tool memcheck $java small $kind
  part 60 "$sanitizer" --tool racecheck $java small $kind
done
