// Runs in the browser's audio thread: gathers the microphone's samples and hands them on as 16-bit blocks of 100 ms.
class Recorder extends AudioWorkletProcessor {
  constructor() {
    super();
    this.block = new Int16Array(Math.round(sampleRate / 10));
    this.filled = 0;
    this.peak = 0;
    this.port.onmessage = () => this.flush(); // the recording is over
  }

  process([channels]) {
    const mono = channels && channels[0];
    for (let i = 0; mono && i < mono.length; i++) {
      const sample = Math.max(-1, Math.min(1, mono[i]));
      this.peak = Math.max(this.peak, Math.abs(sample));
      this.block[this.filled++] = Math.round(sample * 32767);
      if (this.filled === this.block.length) this.flush();
    }
    return true;
  }

  flush() {
    this.port.postMessage({ pcm: this.block.slice(0, this.filled), peak: this.peak });
    this.filled = 0;
    this.peak = 0;
  }
}

registerProcessor("recorder", Recorder);
