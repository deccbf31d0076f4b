#!/usr/bin/env bash
# On a machine with an NVIDIA GPU: parity with the scalar twin, then compute-sanitizer on small shapes. Needs no Maven, no network, no JDK:
# runs from the folder that `pack` made (jre.tgz, *.jar). Ends by itself within SECONDS_LEFT (85).
cd "$(dirname "$0")" || exit 1
: "${SECONDS_LEFT:=85}"
home=/tmp/mamba-gpu
if [ ! -x $home/jre/bin/java ]; then mkdir -p $home && tar xzf jre.tgz -C $home || exit 1; fi
java="$home/jre/bin/java -Xmx6g --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED -cp $(ls *.jar | tr '\n' ':') io.mambaaudio.models.cuda.GpuMain"
left() { echo $((SECONDS_LEFT - SECONDS)); }
part() { # part SECONDS COMMAND...
  local t=$1; shift
  [ "$(left)" -lt "$t" ] && t=$(left)
  [ "$t" -lt 4 ] && { echo "== no time left for: $*"; return; }
  echo "== $(date +%T) $*"
  timeout -k 2 "$t" "$@" 2>&1 | grep -v -E '^WARNING: (Using incub|A restr|java.lang|Use --en|Restr)'
  local rc=${PIPESTATUS[0]}
  [ "$rc" != 0 ] && echo "== exit $rc: $*"
}
nvidia-smi --query-gpu=name,driver_version,memory.used,memory.total,utilization.gpu --format=csv 2>&1
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
