#!/usr/bin/env bash
# On a machine with an NVIDIA GPU: the benchmark table; the card should have no other user. Needs no Maven, no network, no JDK:
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
b() { part "$1" $java bench "$2"; }
b 10 step:table-BF16:1:10000
b 8 step:table-BF16:64:2000
b 8 step:table-BF16:512:400
b 14 step:table-BF16:4096:60
b 9 realtime:12000:4
b 9 realtime:5000:5
b 9 scan:65536
b 9 step:speech-INT8:1:20000
b 6 prefill:speech-INT8:100000
b 6 prefill:table-BF16:8192
# With more time than the default: SECONDS_LEFT=600
b 60 step:table-BF16:1:100000
b 75 realtime:5000:60
b 120 step:speech-INT8:1:1000000
b 120 long:small1-F32:10000
b 60 scan:1048576
