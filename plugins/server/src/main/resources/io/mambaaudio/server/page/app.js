"use strict";

// Microphone -> recorder.js -> WebSocket -> text. The protocol is vosk-server's; "resume" is this server's addition to it: a stream
// whose connection breaks goes on where the server last heard it, and no word is lost or told twice.

const $ = id => document.getElementById(id);
const RECONNECT_MILLIS = 500;
const RECONNECTS = 20;
const KEPT_BLOCKS = 600; // a minute that the server has not heard yet

let recording = null; // { context, source, node, media }
let stream = null; // what follows from Stream

/** One stream over as many connections as it takes. */
class Stream {
  constructor(rate) {
    this.rate = rate;
    this.id = null;
    this.results = 0; // that were shown
    this.unheard = []; // { start, pcm, sent }
    this.samples = 0; // that were recorded
    this.inFlight = []; // blocks that wait for their answer
    this.failures = 0;
    this.over = false; // no more sound comes
    this.done = false;
    this.connect();
  }

  connect() {
    const token = $("token").value;
    const scheme = location.protocol === "https:" ? "wss://" : "ws://";
    this.ready = false;
    this.inFlight = [];
    this.socket = new WebSocket(scheme + location.host + "/v1/stream" + (token ? "?token=" + encodeURIComponent(token) : ""));
    this.socket.binaryType = "arraybuffer";
    this.socket.onopen = () => this.send({
      config: this.id ? { resume: this.id, results: this.results } : { sample_rate: this.rate, resume: true }
    });
    this.socket.onmessage = event => this.receive(JSON.parse(event.data));
    this.socket.onclose = event => this.closed(event);
  }

  send(message) {
    this.socket.send(JSON.stringify(message));
  }

  add(pcm) {
    this.unheard.push({ start: this.samples, pcm });
    this.samples += pcm.length;
    if (this.unheard.length > KEPT_BLOCKS) this.unheard.shift();
    this.flush();
  }

  flush() {
    if (!this.ready) return;
    for (const block of this.unheard.slice(this.inFlight.length)) {
      this.inFlight.push({ block, at: performance.now() });
      this.socket.send(block.pcm);
    }
    if (this.over && !this.eofSent) {
      this.eofSent = true;
      this.send({ eof: 1 });
    }
  }

  finish() {
    this.over = true;
    this.flush();
  }

  receive(message) {
    if (message.error) return fail(message.error);
    if (message.resume) return this.resumed(message);
    const answered = this.inFlight.shift();
    if (answered) {
      this.unheard.shift();
      show("listening, text after " + Math.round(performance.now() - answered.at) + " ms");
    } else if (this.eofSent) {
      this.done = true;
    }
    this.failures = 0;
    if ("partial" in message) setPartial(message.partial);
    else this.result(message);
  }

  result(message) {
    this.results++;
    setPartial("");
    if (message.text) addText(message.text);
  }

  resumed(message) {
    this.id = message.resume;
    for (const missed of message.missed) this.result(missed);
    while (this.unheard.length && this.unheard[0].start + this.unheard[0].pcm.length <= message.samples) this.unheard.shift();
    const first = this.unheard[0];
    if (first && first.start < message.samples) {
      first.pcm = first.pcm.slice(message.samples - first.start);
      first.start = message.samples;
    }
    this.ready = true;
    this.eofSent = false;
    this.flush();
  }

  closed(event) {
    this.ready = false;
    if (this.done) return stop("ready");
    if (event.code === 1006 && this.id && ++this.failures <= RECONNECTS) {
      show("the connection broke; trying again");
      setTimeout(() => this.connect(), RECONNECT_MILLIS);
      return;
    }
    if (event.code === 1006 && !this.id) $("tokenRow").hidden = false;
    fail(event.reason || "the server can't be reached, or wants a token");
  }
}

async function start() {
  $("status").classList.remove("wrong");
  show("asking for the microphone");
  const media = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: false } });
  const context = new AudioContext();
  await context.audioWorklet.addModule("recorder.js");
  const source = context.createMediaStreamSource(media);
  const node = new AudioWorkletNode(context, "recorder", { numberOfOutputs: 0 });
  stream = new Stream(context.sampleRate);
  node.port.onmessage = ({ data }) => {
    $("level").value = Math.sqrt(data.peak);
    if (data.pcm.length) stream.add(data.pcm);
    if (!recording) stream.finish();
  };
  source.connect(node);
  recording = { context, source, node, media };
  $("record").textContent = "Stop";
  show("listening");
}

/** The last block is still in the recorder; it comes out, then the stream ends. */
function finish() {
  const { node, source, media } = recording;
  recording = null;
  source.disconnect();
  media.getTracks().forEach(track => track.stop());
  node.port.postMessage("over");
  show("finishing");
}

function stop(status) {
  if (recording) {
    recording.media.getTracks().forEach(track => track.stop());
    recording.context.close();
    recording = null;
  }
  $("record").textContent = "Start listening";
  $("level").value = 0;
  show(status);
}

function fail(reason) {
  if (stream) stream.done = true;
  stop(reason);
  $("status").classList.add("wrong");
}

function show(text) {
  $("status").textContent = text;
}

function setPartial(text) {
  $("partial").textContent = text;
  $("text").scrollTop = $("text").scrollHeight;
}

function addText(text) {
  const line = document.createElement("p");
  line.className = "final";
  line.textContent = text;
  $("text").insertBefore(line, $("now"));
  $("copy").disabled = $("clear").disabled = false;
  $("text").scrollTop = $("text").scrollHeight;
}

$("record").onclick = () => recording ? finish() : start().catch(error => fail(error.message));
$("copy").onclick = () => navigator.clipboard.writeText([...document.querySelectorAll(".final")].map(p => p.textContent).join("\n"));
$("clear").onclick = () => {
  document.querySelectorAll(".final").forEach(p => p.remove());
  $("copy").disabled = $("clear").disabled = true;
};
