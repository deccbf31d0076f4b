"""Scores to sound with FluidSynth's library (2.x), in this process: one synth a soundfont, thousands of short renderings.

A score is deadpan, so `perform` plays it: another tempo, rubato, jitter, phrases in the velocity, other instruments, transposed.
"""
import ctypes
import ctypes.util
import os

import numpy as np

from .frontend import RATE
from .midi import Note

# Which programs may stand for which (General MIDI, from 0). The first in each list is the likeliest.
KEYS = [0, 0, 0, 0, 1, 2, 0, 6, 19, 24, 46, 48, 4]
BOWED = {40: [40, 40, 40, 48, 73, 68, 71], 41: [41, 41, 41, 48, 71, 69], 42: [42, 42, 42, 48, 70, 43]}
VOICE = [68, 52, 73, 71, 40, 41, 42, 56, 60, 65, 69, 0, 53]
CHORALES = [[0], [19], [48], [52], [60, 56, 57], [71, 68, 70], [40, 41, 42], [24], [46]]


class Synth:
    """FluidSynth with one soundfont. `play` renders events; not for two threads at once."""

    def __init__(self, soundfont, library=None):
        path = library or os.environ.get("FLUIDSYNTH_LIBRARY") or ctypes.util.find_library("fluidsynth") or "libfluidsynth.so.3"
        f = self.lib = ctypes.CDLL(path)
        for name in ("new_fluid_settings", "new_fluid_synth"):
            getattr(f, name).restype = ctypes.c_void_p
        f.fluid_set_log_function(2, None, None)                        # warnings about a soundfont's odd modulators
        self.settings = ctypes.c_void_p(f.new_fluid_settings())
        self._number("synth.sample-rate", float(RATE))
        self._number("synth.gain", 0.5)
        f.fluid_settings_setint(self.settings, b"synth.polyphony", 256)
        f.fluid_settings_setint(self.settings, b"synth.chorus.active", 0)
        f.fluid_settings_setint(self.settings, b"synth.dynamic-sample-loading", 1)
        self.synth = ctypes.c_void_p(f.new_fluid_synth(self.settings))
        if f.fluid_synth_sfload(self.synth, os.fsencode(soundfont), 1) < 0:
            raise SystemExit(f"soundfont={soundfont} cannot be loaded by {path}")

    def _number(self, name, value):
        self.lib.fluid_settings_setnum(self.settings, name.encode(), ctypes.c_double(value))

    def play(self, notes, programs, seconds, pedal=(), room=0.4, wet=0.3):
        """notes at their times, programs by part, pedal: (seconds, down). -> (samples,) float32, mono."""
        f, s = self.lib, self.synth
        f.fluid_synth_system_reset(s)
        f.fluid_synth_set_reverb(s, ctypes.c_double(room), ctypes.c_double(0.4), ctypes.c_double(0.5), ctypes.c_double(wet))
        channel = {part: c + (c > 8) for c, part in enumerate(sorted(programs)[:15])}
        for part, c in channel.items():
            f.fluid_synth_program_change(s, c, programs[part])
        events = [(n.on, 1, n) for n in notes if n.part in channel] + [(n.off, 0, n) for n in notes if n.part in channel]
        events += [(t, 2 + down, None) for t, down in pedal]
        left, right = np.zeros((2, int(seconds * RATE)), np.float32)
        at = 0
        for when, what, note in sorted(events, key=lambda e: (e[0], e[1])):
            at = self._run(left, right, at, min(len(left), int(when * RATE)))
            if what == 1:
                f.fluid_synth_noteon(s, channel[note.part], note.pitch, note.velocity)
            elif what == 0:
                f.fluid_synth_noteoff(s, channel[note.part], note.pitch)
            else:
                for c in channel.values():
                    f.fluid_synth_cc(s, c, 64, 127 * (what - 2))
        self._run(left, right, at, len(left))
        return (left + right) * 0.5

    def _run(self, left, right, at, end):
        if end > at:
            pl, pr = (a.ctypes.data_as(ctypes.c_void_p) for a in (left, right))
            self.lib.fluid_synth_write_float(self.synth, end - at, pl, at, 1, pr, at, 1)
        return max(at, end)


def _wander(rng, seconds, every):
    """A smooth random curve of about unit size."""
    knots = rng.standard_normal(int(seconds / every) + 4)
    x = np.arange(len(knots)) * every
    return lambda t: np.interp(t, x, knots)


def orchestrate(rng, notes):
    """-> program by part. The score's own instruments half of the time."""
    own = {n.part: n.program for n in notes}
    if rng.random() < 0.4:
        return own
    values = set(own.values())
    if values <= {0}:
        choice = CHORALES[rng.integers(len(CHORALES))] if len(own) > 2 else [KEYS[rng.integers(len(KEYS))]]
        return {p: choice[i % len(choice)] for i, p in enumerate(sorted(own))}
    if values <= set(BOWED) and rng.random() < 0.25:
        one = [0, 48, 19, 52][rng.integers(4)]
        return {p: one for p in own}
    keys, voice = KEYS[rng.integers(len(KEYS))], VOICE[rng.integers(len(VOICE))]
    pick = {v: BOWED[v][rng.integers(len(BOWED[v]))] for v in BOWED}
    return {p: pick.get(v, keys if v < 8 else voice) for p, v in own.items()}


def perform(rng, notes, start, seconds, deadpan=False):
    """The notes of a part of a score as someone might play them, from 0 on. -> (notes, programs, pedal)"""
    if deadpan:
        chosen = [Note(n.on - start, n.off - start, n.pitch, n.velocity, n.part, n.program) for n in notes
                  if n.off > start and n.on < start + seconds]
        return chosen, {n.part: n.program for n in chosen}, []
    rate = float(np.exp(rng.uniform(np.log(0.8), np.log(1.25))))
    span = seconds * rate * 1.3
    chosen = [n for n in notes if n.off > start and n.on < start + span]
    if not chosen:
        return [], {}, []
    grid = np.arange(0, span + 1, 0.05)                                  # score seconds -> played seconds
    slow = 0.08 * rng.random() * _wander(rng, span + 2, 2.5)(grid)
    played = np.concatenate([[0], np.cumsum(0.05 / rate * np.exp(slow))[:-1]])
    low, high = min(n.pitch for n in chosen), max(n.pitch for n in chosen)
    shift = int(np.clip(rng.integers(-5, 7), 24 - low, 105 - high)) if high - low < 80 else 0
    loud = {p: rng.uniform(52, 96) for p in {n.part for n in chosen}}
    phrase, depth = _wander(rng, span + 2, rng.uniform(1.5, 4)), rng.uniform(4, 14)
    hold, jitter = rng.uniform(0.75, 1.05), 0.008 * rng.random()
    out = []
    for n in chosen:
        on = float(np.interp(n.on - start, grid, played) + jitter * rng.standard_normal())
        off = float(np.interp(n.off - start, grid, played))
        off = on + max(0.05, (off - on) * hold)
        velocity = loud[n.part] + depth * float(phrase(max(0.0, n.on - start))) + 3 * rng.standard_normal() + 5 * (n.pitch > 72)
        if off > 0 and on < seconds:
            out.append(Note(max(0.0, on), off, n.pitch + shift, int(np.clip(velocity, 18, 124)), n.part, n.program))
    programs, pedal = orchestrate(rng, chosen), []
    if 0 in programs.values() and rng.random() < 0.4:
        t = 0.0
        while t < seconds:
            pedal += [(t, 1), (t + (gap := rng.uniform(0.5, 2.2)) - 0.06, 0)]
            t += gap
    return out, programs, pedal


def clip(synth, rng, notes, seconds, deadpan=False):
    """-> (samples (int16), notes as sounded): one excerpt of a piece, at a random level. A short piece is played again from its start."""
    end = max(n.off for n in notes)
    needed, score = seconds * (1.0 if deadpan else 1.4), notes
    while end < needed:
        notes = notes + [Note(n.on + end + 0.3, n.off + end + 0.3, n.pitch, n.velocity, n.part, n.program) for n in score]
        end = max(n.off for n in notes)
    start = rng.uniform(0, end - needed)                                 # not beyond the end: silence is learnt soon enough
    played, programs, pedal = perform(rng, notes, start, seconds, deadpan)
    audio = synth.play(played, programs, seconds, pedal, room=rng.uniform(0, 0.9), wet=rng.choice([0, 0.15, 0.3, 0.6]))
    rms = float(np.sqrt(np.mean(audio ** 2)) + 1e-9)
    gain = 10 ** (rng.uniform(-30, -14) / 20) / rms
    gain = min(gain, 0.95 / (float(np.abs(audio).max()) + 1e-9))
    return np.round(audio * gain * 32767).astype(np.int16), played
