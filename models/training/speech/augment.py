"""Assembles windows from the pool and makes them sound like the world: level, rooms, microphones, noise, music, babble, clipping,
other throats (VTLP), holes (SpecAugment). All on the device; `strength` (0 to 1) scales how often and how much.
"""
import math

import torch

from .data import NOISE, SILENCE
from .frontend import samples_of_steps

ROOM = 6400                                       # samples of a room's response, 0.4 s


def assemble(flat, b, device):
    """-> speech at 0 dB (B, samples), float32, and a mask of where there is any."""
    n = samples_of_steps(b["steps"])
    start, length, source, rate, gain = (torch.from_numpy(b[k]).to(device, non_blocking=True)
                                         for k in ("start", "length", "source", "rate", "gain"))
    at = torch.arange(n, dtype=torch.int32, device=device).expand(len(start), -1).contiguous()
    k = torch.searchsorted(start, at, right=True) - 1
    inside = k >= 0
    k = k.clamp(min=0)
    local = at - start.gather(1, k)
    inside &= local < length.gather(1, k)
    position = local.clamp(min=0).float() * rate.gather(1, k)
    whole = position.floor()
    index = (source.gather(1, k) + whole.long()).clamp(max=flat.numel() - 2)
    a, c = flat[index].float(), flat[index + 1].float()
    x = a + (c - a) * (position - whole)
    fade = (torch.minimum(local, length.gather(1, k) - local).float() / 80).clamp(0, 1)
    scale = torch.pow(10.0, gain / 20).gather(1, k) / 32768
    return torch.where(inside, x * fade * scale, 0.0), inside


def uniform(n, low, high, device):
    return torch.empty(n, 1, device=device).uniform_(low, high)


def often(n, p, device):
    return torch.rand(n, 1, device=device) < p


def db(x):
    return torch.pow(10.0, x / 20)


def equaliser(n, bins, strength, device):
    """(n, bins) gain of a microphone: a smooth curve, sometimes a telephone's or a low pass band."""
    hz = torch.linspace(0, 8000, bins, device=device)
    x = torch.log1p(hz / 300) / math.log1p(8000 / 300) * 8              # 9 control points, closer at low frequencies
    points = torch.randn(n, 10, device=device) * 4.0 * strength * uniform(n, 0, 1, device)
    i = x.long().clamp(max=8)
    w = x - i
    gain = db(points[:, i] * (1 - w) + points[:, i + 1] * w)
    low = torch.where(often(n, 0.08 * strength, device), uniform(n, 3200, 3600, device), torch.full((n, 1), 9e3, device=device))
    low = torch.where(often(n, 0.10 * strength, device), uniform(n, 3500, 7000, device), low)
    high = torch.where(low < 3600, 250.0, torch.where(often(n, 0.2 * strength, device), uniform(n, 50, 200, device), 0.0))
    return gain * torch.sigmoid((low - hz) / 80) * torch.sigmoid((hz - high) / 20 + 4 * (high == 0))


def rooms(n, strength, device):
    """(n, ROOM) responses: a direct sound first (so nothing is delayed), then decaying noise; or only the direct sound."""
    t = torch.arange(ROOM, device=device) / 16000
    decay = torch.exp(-6.9 * t / uniform(n, 0.08, 0.6, device))
    tail = torch.randn(n, ROOM, device=device) * decay
    tail[:, :24] = 0
    tail = tail / tail.square().sum(1, keepdim=True).sqrt() * db(-uniform(n, 0, 18, device)) * often(n, 0.45 * strength, device)
    tail[:, 0] = 1
    return tail


def good_size(n):
    """The least 2^a or 3 * 2^a that holds n: Fourier transforms of other sizes can take seconds to set up."""
    size = 1
    while size < n:
        size *= 2
    return size * 3 // 4 if size * 3 // 4 >= n else size


def noise(n, size, strength, device):
    """(n, size) coloured noise at 0 dB: white to brown, with a random equaliser, sometimes with hum."""
    whole = good_size(size)
    bins = whole // 2 + 1
    hz = torch.linspace(0, 8000, bins, device=device).clamp(min=20)
    colour = (hz / 1000).pow(-uniform(n, 0, 2, device) / 2) * equaliser(n, bins, 1.0, device)
    spectrum = torch.complex(torch.randn(n, bins, device=device), torch.randn(n, bins, device=device)) * colour
    x = torch.fft.irfft(spectrum, n=whole)[:, :size]
    t = torch.arange(size, device=device) / 16000
    mains = torch.where(often(n, 0.5, device), 50.0, 60.0)
    hum = sum(torch.sin(2 * math.pi * mains * k * t) * uniform(n, 0, 1, device) for k in (1, 2, 3, 5))
    x = x / x.square().mean(1, keepdim=True).sqrt()
    x = torch.where(often(n, 0.05, device), 0.3 * x + hum, x)
    # a slow swell, so that noise is not always stationary
    swell = torch.sin(2 * math.pi * (uniform(n, 0.05, 0.7, device) * t + uniform(n, 0, 1, device))) * uniform(n, 0, 8, device)
    return x * torch.where(often(n, 0.4, device), db(swell), 1.0)


def voices(x):
    """(B, N) a crowd in each row, at 0 dB: two to seven other rows at once, or backwards; nobody can tell a word."""
    B = len(x)
    total = torch.zeros_like(x)
    few = often(B, 0.4, x.device)
    for k in range(1, 8):
        other = x.roll(k * max(1, B // 9) + k, 0) * db(uniform(B, -6, 3, x.device))
        total = total + (other if k <= 2 else torch.where(few, 0.0, other))
    total = torch.where(few | often(B, 0.3, x.device), total.flip(1), total)
    return total / total.square().mean(1, keepdim=True).sqrt().clamp(min=0.05)


@torch.no_grad()
def augment(x, inside, kind, music, strength):
    """x (B, N) speech at 0 dB -> audio in [-1, 1] as a 16 bit converter gives it. music: (M, N) at 0 dB, M >= 1, or None."""
    B, N = x.shape
    dev = x.device
    kind = kind.view(-1, 1)
    if strength > 0:
        size = good_size(N + ROOM)
        response = torch.fft.rfft(rooms(B, strength, dev), n=size) * equaliser(B, size // 2 + 1, strength, dev)
        y = torch.fft.irfft(torch.fft.rfft(x, n=size) * response, n=size)[:, :N]
        before, after = x.square().mean(1, keepdim=True), y.square().mean(1, keepdim=True)
        y = y * (before / after.clamp(min=1e-12)).sqrt().clamp(max=30)
        # the noise, relative to the speech
        snr = torch.where(often(B, 0.5, dev), uniform(B, 3, 25, dev), uniform(B, 15, 50, dev)) + 25 * (1 - strength)
        quiet = often(B, 0.22, dev) | (kind == SILENCE)
        level = torch.where(kind == NOISE, db(uniform(B, -30, 8, dev)), torch.where(quiet, 0.0, db(-snr)))
        gate = torch.where(often(B, 0.08, dev), inside.float(), 1.0)
        extra = noise(B, N, strength, dev) * level * torch.where(kind == NOISE, 1.0, gate)
        babble = often(B, 0.15 * strength, dev) & (kind == 0)
        crowd = often(B, 0.4, dev) & (kind == NOISE)
        extra = torch.where(crowd, 0.3 * extra + voices(x) * db(uniform(B, -20, 5, dev)), extra)
        extra = extra + x.roll(B // 2, 0) * torch.where(babble, db(-uniform(B, 7, 25, dev)), 0.0)
        if music is not None:
            which = torch.randint(len(music), (B,), device=dev)
            tune = often(B, 0.15 * strength, dev) & (kind != SILENCE)
            extra = extra + music[which] * torch.where(tune, db(-uniform(B, 3, 25, dev)), 0.0)
        x = y + extra
    loud = torch.where(often(B, 0.12, dev), uniform(B, -60, -38, dev), (-26 + 7 * torch.randn(B, 1, device=dev)).clamp(-48, -12))
    x = x * db(loud)
    hard = often(B, 0.06 * strength, dev)
    limit = torch.where(hard, x.abs().amax(1, keepdim=True).clamp(min=1e-4) * uniform(B, 0.15, 0.6, dev), 1.0)
    x = torch.minimum(torch.maximum(x, -limit), limit)
    law = often(B, 0.05 * strength, dev)                                  # G.711: 8 bit, mu law
    squashed = torch.sign(x) * torch.log1p(255 * x.abs()) / math.log(256)
    squashed = torch.round(squashed * 127) / 127
    expanded = torch.sign(squashed) * (torch.pow(256.0, squashed.abs()) - 1) / 255
    x = torch.where(law, expanded, x)
    return torch.round(x * 32768).clamp(-32768, 32767) / 32768


def throats(mel, strength):
    """VTLP: stretches the mel axis of every row by its own factor (piecewise linear, the top end stays); every fifth may become a child."""
    B, _, n = mel.shape
    warp = 1 + torch.where(often(B, 0.2, mel.device), uniform(B, -0.26, -0.08, mel.device), uniform(B, -0.13, 0.13, mel.device)) * strength
    i = torch.arange(n, device=mel.device, dtype=torch.float32)
    knee = 0.8 * n / torch.clamp(warp, min=1.0)
    at = torch.where(i < knee, i * warp, knee * warp + (i - knee) * (n - 1 - knee * warp) / (n - 1 - knee)).clamp(0, n - 1)
    low = at.floor().long().clamp(max=n - 2)
    w = (at - low).unsqueeze(1)
    matrix = torch.zeros(B, n, n, device=mel.device)
    matrix.scatter_(1, low.unsqueeze(1), 1 - w).scatter_add_(1, (low + 1).unsqueeze(1), w)
    return mel @ matrix


def holes(mel, fill, strength, seconds):
    """SpecAugment: two bands and a few short spans take the mean's value."""
    B, T, n = mel.shape
    f, t = torch.arange(n, device=mel.device), torch.arange(T, device=mel.device)
    hide_f = torch.zeros(B, n, dtype=torch.bool, device=mel.device)
    for _ in range(2):
        width, at = uniform(B, 0, 14 * strength, mel.device), uniform(B, 0, n, mel.device)
        hide_f |= (f >= at) & (f < at + width)
    hide_t = torch.zeros(B, T, dtype=torch.bool, device=mel.device)
    for _ in range(max(1, int(seconds * 0.5))):
        width, at = uniform(B, 0, 30 * strength, mel.device), uniform(B, 0, T, mel.device)
        hide_t |= (t >= at) & (t < at + width)
    return torch.where(hide_f.unsqueeze(1) | hide_t.unsqueeze(2), fill, mel)
