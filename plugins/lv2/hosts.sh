# Sourced by test and soak: the plugin in hosts of others. Wants $here, $root, $bundle, $jdk.

# sample WAV F32: the shipped recording at 48 kHz.
sample() {
  "$jdk/bin/java" -Djava.awt.headless=true -cp "$bundle/lib/*" "$here/src/test/java/io/mambaaudio/lv2/Sample48.java" \
    "$root/demo/src/main/resources/io/mambaaudio/demo/sample.wav" "$1" "$2"
}

# Words before a command that has the priority of an audio thread, where the system allows that.
real_time() { if chrt -f 10 true 2>/dev/null; then echo "chrt -f 10"; fi; }

# bench FRAMES: blocks of 128 as fast as it goes.
bench() { MAMBA_AUDIO_LV2_STATS=1 $(real_time) lv2bench -b 128 -n "$1" urn:mambaaudio:lv2:transcriber-mono; }

has_jack() { command -v jackd >/dev/null && command -v jalv >/dev/null && command -v sndfile-jackplay >/dev/null; }

# in_jalv FOLDER SECONDS LOOPS: FOLDER/s48.wav, so many times (0: without end), through jalv under a jackd of our own, in blocks of 128
# at 48 kHz. Real-time priority where the system allows it. 77: jackd does not run here.
in_jalv() {
  local folder=$1 jackd jalv play priority=-r
  if [ -n "$(real_time)" ]; then priority=-P10; fi
  export JACK_DEFAULT_SERVER=mamba$$ JACK_NO_AUDIO_RESERVATION=1
  jackd -n "$JACK_DEFAULT_SERVER" $priority -d dummy -r 48000 -p 128 >"$folder/jackd.log" 2>&1 & jackd=$!
  if ! jack_wait -w -t 20 >/dev/null 2>&1; then
    cat "$folder/jackd.log"
    kill $jackd 2>/dev/null
    return 77
  fi
  MAMBA_AUDIO_LV2_STATS=1 jalv -n mamba urn:mambaaudio:lv2:transcriber-mono < <(sleep $(($2 + 120))) >"$folder/jalv.log" 2>&1 & jalv=$!
  for _ in $(seq 300); do jack_lsp 2>/dev/null | grep -q mamba:in && break; sleep 0.2; done
  sleep 1
  jack_connect mamba:out system:playback_1
  sndfile-jackplay --autoconnect=mamba:in --loop="$3" "$folder/s48.wav" < <(sleep $(($2 + 120))) >"$folder/play.log" 2>&1 & play=$!
  sleep "$2"
  ps -o cputime= -p $jalv >"$folder/cpu"
  kill $play 2>/dev/null; wait $play 2>/dev/null
  kill -INT $jalv; wait $jalv
  local result=$?
  kill $jackd; wait $jackd 2>/dev/null
  cat "$folder/jalv.log" "$folder/jackd.log"
  return $result
}

# report FOLDER: what in_jalv has measured.
report() {
  grep "run: calls" "$1/jalv.log"
  echo "xruns=$(grep -c XRun "$1/jackd.log") cpu_time=$(tr -d ' ' <"$1/cpu") $(grep -o 'server starting in [a-z-]* mode.*' "$1/jackd.log")"
}
