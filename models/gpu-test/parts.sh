# What run.sh and bench.sh share, in the folder that `pack` made: the Java to call, and parts with a time limit each.
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
