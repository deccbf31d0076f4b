#!/usr/bin/env bash
# On a machine with an NVIDIA GPU: the benchmark table; the card should have no other user. Needs no Maven, no network, no JDK:
# runs from the folder that `pack` made (jre.tgz, *.jar). Ends by itself within SECONDS_LEFT (85).
cd "$(dirname "$0")" || exit 1
. ./parts.sh
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
