"""Checks voices.py on the CPU: in a batch every utterance sounds as it does alone, and as the graph of one utterance makes it.

    python -m speech.check_voices KOKORO_DIR          # needs kokoro_torch.py, tts_kokoro.py and the unpacked weights there; a minute

Pitch is added up in another order, and the phase of a silent bin is noise, so the waves differ a little: what is asked for is the
same length, a correlation of 0.99 and log spectra that differ by less than a decibel where there is sound.
"""
import os
import sys

import numpy as np
import torch

from .voices import Voices

SENTENCES = [("af_heart", 1.1, "hˈO, hˌA."), ("am_adam*0.50+bf_emma*0.50", 0.8, "ðə kˈæt sˈæt."), ("bm_george", 1.3, "wˈʌn tˈu θɹˈi fˈɔɹ.")]


def decibels(x):
    frames = torch.from_numpy(np.ascontiguousarray(x)).unfold(0, 512, 256) * torch.hann_window(512)
    return 10 * torch.log10(torch.fft.rfft(frames).abs().square().view(len(frames), -1)[:, 1:].unfold(1, 8, 8).mean(-1) + 1e-9)


def same(name, a, b):
    assert a.shape == b.shape, f"{name}: {a.shape} and {b.shape} samples"
    correlation = float(np.dot(a, b) / np.sqrt(np.dot(a, a) * np.dot(b, b)))
    da, db = decibels(a), decibels(b)
    loud = da > da.max() - 40
    apart = float((da - db)[loud].abs().mean())
    print(f"{name}: {len(a) / 24000:.2f} s, correlation {correlation:.5f}, {apart:.3f} dB apart", flush=True)
    assert correlation > 0.99 and apart < 1.0, name


def main():
    sys.path.insert(0, sys.argv[1])
    import tts_kokoro
    from kokoro_torch import KokoroTorch
    torch.set_num_threads(1)
    pack = os.path.join(sys.argv[1], "kokoro/kokoro_pack.npz")
    ids = [[tts_kokoro.VOCAB[c] for c in sounds] for _, _, sounds in SENTENCES]
    styles = [tts_kokoro.get_style(spec)[len(i) - 1] for (spec, _, _), i in zip(SENTENCES, ids)]
    speeds = [s[1] for s in SENTENCES]
    voices = Voices(pack)
    audio, lengths = voices.run(ids, styles, speeds, frames_multiple=16)
    together = [x[:n].numpy() for x, n in zip(audio, lengths)]
    for k in range(len(ids)):
        same(f"alone {k}", voices.run(ids[k:k + 1], styles[k:k + 1], speeds[k:k + 1])[0][0].numpy(), together[k])
    graph = KokoroTorch(pack)
    for k in range(len(ids)):
        same(f"graph {k}", graph.run(ids[k], styles[k], speeds[k])[20:], together[k][20:])     # the graph scales its first samples otherwise


if __name__ == "__main__":
    main()
