"""Standard MIDI files, as far as scores need them: notes with their times in seconds, channels and programs; and back."""
import struct
from dataclasses import dataclass


@dataclass
class Note:
    on: float           # seconds
    off: float
    pitch: int
    velocity: int
    part: int           # track and channel, numbered from 0
    program: int


def _varlen(data, at):
    value = 0
    while True:
        byte = data[at]
        at += 1
        value = value << 7 | byte & 127
        if byte < 128:
            return value, at


def _events(data):
    """Of one track: (tick, status, first data byte, second or the bytes of a meta event)."""
    at, tick, status = 0, 0, 0
    while at < len(data):
        delta, at = _varlen(data, at)
        tick += delta
        if data[at] >= 128:
            status = data[at]
            at += 1
        if status == 0xFF:
            kind = data[at]
            size, at = _varlen(data, at + 1)
            yield tick, status, kind, data[at:at + size]
            at += size
        elif status in (0xF0, 0xF7):
            size, at = _varlen(data, at)
            at += size
        elif status & 0xF0 in (0xC0, 0xD0):
            yield tick, status, data[at], 0
            at += 1
        else:
            yield tick, status, data[at], data[at + 1]
            at += 2


def read(path):
    """-> notes in the order of their onsets; percussion is left out."""
    with open(path, "rb") as f:
        data = f.read()
    if data[:4] != b"MThd":
        raise ValueError(f"{path}: found {data[:4]!r}, expected a MIDI file")
    _, _, division = struct.unpack(">HHH", data[8:14])
    tracks, at = [], 14
    while at + 8 <= len(data):
        size = struct.unpack(">I", data[at + 4:at + 8])[0]
        if data[at:at + 4] == b"MTrk":
            tracks.append(list(_events(data[at + 8:at + 8 + size])))
        at += 8 + size
    tempi = sorted((e[0], int.from_bytes(e[3], "big")) for t in tracks for e in t if e[1] == 0xFF and e[2] == 0x51)
    clock, seconds, last, micros = [(0, 0.0, 500000)], 0.0, 0, 500000
    for tick, tempo in tempi:
        seconds += (tick - last) * micros / division / 1e6
        last, micros = tick, tempo
        clock.append((tick, seconds, tempo))

    def time_of(tick):
        lo, hi = 0, len(clock)
        while hi - lo > 1:
            mid = (lo + hi) // 2
            lo, hi = (mid, hi) if clock[mid][0] <= tick else (lo, mid)
        start, at_seconds, tempo = clock[lo]
        return at_seconds + (tick - start) * tempo / division / 1e6
    notes, parts = [], {}
    for number, track in enumerate(tracks):
        program, sounding = [0] * 16, {}
        for tick, status, a, b in track:
            kind, channel = status & 0xF0, status & 15
            if kind == 0xC0:
                program[channel] = a
            elif kind == 0x90 and b > 0 and channel != 9:
                sounding.setdefault((channel, a), []).append((tick, b))
            elif kind in (0x80, 0x90) and sounding.get((channel, a)):
                start, velocity = sounding[channel, a].pop(0)
                part = parts.setdefault((number, channel), len(parts))
                notes.append(Note(time_of(start), time_of(tick), a, velocity, part, program[channel]))
    return sorted(notes, key=lambda n: (n.on, n.pitch))


def _bytes_of(value):
    out = [value & 127]
    while value > 127:
        value >>= 7
        out.append(value & 127 | 128)
    return bytes(reversed(out))


def write(path, notes, program=0):
    """One track, 480 ticks a quarter at 120 a minute."""
    events = sorted([(n.on, 1, 0x90, n.pitch, n.velocity) for n in notes] + [(n.off, 0, 0x80, n.pitch, 0) for n in notes])
    body, last = bytes([0, 0xC0, program]), 0
    for seconds, _, status, pitch, velocity in events:
        tick = max(last, round(seconds * 960))
        body += _bytes_of(tick - last) + bytes([status, pitch, velocity])
        last = tick
    body += b"\x00\xff\x2f\x00"
    with open(path, "wb") as f:
        f.write(b"MThd" + struct.pack(">IHHH", 6, 0, 1, 480) + b"MTrk" + struct.pack(">I", len(body)) + body)
