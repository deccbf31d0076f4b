"""Kokoro-82M for many utterances at once, each with its own voice and speed.

The pack that the weights come from is a graph for one utterance: 3,600 small steps, which a fast accelerator spends waiting for. Here the same
network is written for a padded batch. Whatever looks along time is told where each utterance ends: attention by a mask, LSTMs by packed
sequences, instance norms by masked sums, and before every convolution what lies behind the end is zero, as it is at the end of a lone utterance.
So a voice sounds the same in any company (test_voices.py). Sizes of tensors are in comments: b utterances, n phonemes, f frames of 25 ms.
"""
import json
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

RATE = 24000
FRAME = 600                                       # samples of a frame of 25 ms; pitch has two values a frame
HARMONICS = 9
FFT, HOP = 20, 5


class Pack:
    """The weights by the names that the graph gives them, as float32."""

    def __init__(self, path):
        z = np.load(path)
        meta = json.loads(bytes(z["meta"]).decode())
        self.raw = {n: z[f"c{i}"] for i, n in enumerate(meta["names"])}
        self.nodes = {o[0]: (op, i, at) for op, i, o, at in meta["nodes"]}

    def array(self, name):
        if name in self.raw:
            return self.raw[name].astype(np.float32)
        q, scale = self.raw[name + "_quantized"].astype(np.float32), self.raw[name + "_scale"].astype(np.float32)
        zero = self.raw.get(name + "_zero_point", np.float32(0)).astype(np.float32)
        return self.scaled(q, zero, scale)

    @staticmethod
    def scaled(q, zero, scale):
        return (q - zero) * scale

    def find(self, prefix):
        """The node that computes prefix: its operation, inputs and attributes."""
        for name in (prefix + "_output_quantized", prefix):
            if name in self.nodes:
                return self.nodes[name]
        raise KeyError(prefix)

    def linear(self, path, bias):
        """-> weight (out, in), bias of the product at path."""
        op, i, _ = self.find(path + "/MatMul_output_0")
        if op == "MatMul":
            return self.tensor(self.array(i[1]).T), self.tensor(self.array(bias))
        base = i[1].removesuffix("_quantized")
        zero = self.raw[i[3]].astype(np.float32) if len(i) > 3 and i[3] else np.float32(0)
        w = self.scaled(self.raw[i[1]].astype(np.float32), zero, self.raw[base + "_scale"].astype(np.float32))
        return self.tensor(w.T), self.tensor(self.array(bias))

    def conv(self, path, bias):
        """-> weight, bias or None, {stride, padding, dilation, groups}."""
        op, i, at = self.find(path)
        if op == "ConvInteger":
            base = i[1].removesuffix("_quantized")
            zero = self.raw[i[3]].astype(np.float32) if len(i) > 3 and i[3] else np.float32(0)
            w = self.scaled(self.raw[i[1]].astype(np.float32), zero, self.raw[base + "_scale"].astype(np.float32))
        else:
            w = self.array(i[1])
        low, high = at.get("pads", [0, 0])
        assert low == high, (path, at)
        how = {"stride": at.get("strides", [1])[0], "padding": low, "dilation": at.get("dilations", [1])[0], "groups": at.get("group", 1)}
        if "output_padding" in at:
            how["output_padding"] = at["output_padding"][0]
        return self.tensor(w), self.tensor(self.array(bias)) if bias in self.raw else None, how

    def lstm(self, path):
        _, i, at = self.find(path + "/LSTM_output_0")
        h = at["hidden_size"]
        order = np.concatenate([np.arange(k * h, (k + 1) * h) for k in (0, 2, 3, 1)])      # i, o, f, c -> i, f, c, o

        def part(w, scale, zero):
            shape = (2, 1, -1)
            return (self.raw[w].astype(np.float32) - self.raw[zero].astype(np.float32).reshape(shape)) * self.raw[scale].reshape(shape)
        w, r = part(i[1], i[8], i[9]), part(i[2], i[10], i[11])
        b = self.raw[i[3]].astype(np.float32)
        out = torch.nn.LSTM(w.shape[1], h, bidirectional=True, batch_first=True)
        with torch.no_grad():
            for d, suffix in ((0, ""), (1, "_reverse")):
                for name, value in (("weight_ih", w[d].T), ("weight_hh", r[d].T), ("bias_ih", b[d, :4 * h]), ("bias_hh", b[d, 4 * h:])):
                    getattr(out, f"{name}_l0{suffix}").copy_(torch.from_numpy(np.ascontiguousarray(value[order])))
        return out.eval()

    @staticmethod
    def tensor(x):
        return torch.from_numpy(np.ascontiguousarray(x, dtype=np.float32))


# --- what is done most: kept apart so that a compiler can make one kernel of each ---

def normed(x, mask, count, gain, shift):
    """Instance norm over the true length. x (b, c, 1, t); mask (b, 1, 1, t); count (b, 1, 1, 1); gain, shift (b, c, 1, 1)."""
    y = x.float()
    mean = (y * mask).sum(-1, keepdim=True) / count
    centred = (y - mean) * mask
    variance = centred.square().sum(-1, keepdim=True) / count
    return centred * (torch.rsqrt(variance + 1e-5) * (1 + gain)) + shift


def norm_snake(x, mask, count, gain, shift, alpha):
    y = normed(x, mask, count, gain, shift)
    return ((y + torch.sin(alpha * y).square() / alpha) * mask).to(x.dtype)


def norm_leaky(x, mask, count, gain, shift):
    return (F.leaky_relu(normed(x, mask, count, gain, shift), 0.2) * mask).to(x.dtype)


class Voices:
    """run() speaks a batch. dtype is that of the convolutions (the rest is float32); fused compiles the norms (some seconds, once)."""

    def __init__(self, path, device="cpu", dtype=torch.float32, fused=False):
        self.device, self.dtype, self.p = torch.device(device), dtype, {}
        self.norm_snake, self.norm_leaky = norm_snake, norm_leaky
        if fused:
            self.norm_snake = torch.compile(norm_snake, dynamic=True)
            self.norm_leaky = torch.compile(norm_leaky, dynamic=True)
        self.load(Pack(path))

    def eager(self):
        self.norm_snake, self.norm_leaky = norm_snake, norm_leaky

    # --- weights ---

    def load(self, k):
        put = lambda name, *tensors: self.p.__setitem__(name, tuple(t.to(self.device) if torch.is_tensor(t) else t for t in tensors))
        bert = "encoder.bert."
        put("bert.word", k.tensor(k.array(bert + "embeddings.word_embeddings.weight")))
        put("bert.place", k.tensor(k.array(bert + "embeddings.position_embeddings.weight") + k.array(bert + "embeddings.token_type_embeddings.weight")[:1]))
        layer, path = bert + "encoder.albert_layer_groups.0.albert_layers.0.", "/encoder/bert/encoder/albert_layer_groups.0/albert_layers.0/"
        for name, weights in (("bert.norm", bert + "embeddings.LayerNorm"), ("bert.norm1", layer + "attention.LayerNorm"),
                              ("bert.norm2", layer + "full_layer_layer_norm")):
            put(name, k.tensor(k.array(weights + ".weight")), k.tensor(k.array(weights + ".bias")))
        put("bert.in", *k.linear("/encoder/bert/encoder/embedding_hidden_mapping_in", bert + "encoder.embedding_hidden_mapping_in.bias"))
        for name, part in (("q", "attention.query"), ("k", "attention.key"), ("v", "attention.value"), ("o", "attention.dense"),
                           ("up", "ffn"), ("down", "ffn_output")):
            put("bert." + name, *k.linear(path + part.replace(".", "/"), layer + part + ".bias"))
        put("bert.out", *k.linear("/encoder/bert_encoder", "encoder.bert_encoder.bias"))
        self.lstms = {name: k.lstm(where).to(self.device) for name, where in (
            ("dur0", "/encoder/predictor/text_encoder/lstms.0"), ("dur1", "/encoder/predictor/text_encoder/lstms.2"),
            ("dur2", "/encoder/predictor/text_encoder/lstms.4"), ("duration", "/encoder/predictor/lstm"),
            ("shared", "/encoder/shared"), ("text", "/encoder/text_encoder/lstm"))}
        for lstm in self.lstms.values():
            lstm.flatten_parameters()
        put("duration", *k.linear("/encoder/predictor/duration_proj/linear_layer", "encoder.predictor.duration_proj.linear_layer.bias"))
        put("text.embed", k.tensor(k.array("encoder.text_encoder.embedding.weight")))
        self.convs, self.styles = {}, {"timbre": [], "prosody": []}
        for i in range(3):
            self.conv(k, f"text.{i}", f"/encoder/text_encoder/cnn.{i}/cnn.{i}.0", f"encoder.text_encoder.cnn.{i}.0", torch.float32)
            put(f"text.norm{i}", *(k.tensor(k.array(f"encoder.text_encoder.cnn.{i}.1.{n}")) for n in ("gamma", "beta")))
            self.style(k, "prosody", f"dur{i}", f"encoder.predictor.text_encoder.lstms.{2 * i + 1}.fc")
        for curve in ("F0", "N"):
            for i in range(3):
                self.residual(k, "prosody", f"{curve}.{i}", f"/encoder/{curve}.{i}", f"encoder.predictor.{curve}.{i}", torch.float32)
            self.conv(k, curve, f"/encoder/{curve}_proj", f"encoder.predictor.{curve}_proj", torch.float32)
            self.conv(k, curve + ".down", f"/decoder/decoder/{curve}_conv", f"decoder.decoder.{curve}_conv")
        self.conv(k, "asr", "/decoder/decoder/asr_res/asr_res.0", "decoder.decoder.asr_res.0")
        for name in ("encode", "decode.0", "decode.1", "decode.2", "decode.3"):
            self.residual(k, "timbre", name, "/decoder/decoder/" + name, "decoder.decoder." + name, self.dtype)
        g, gen = "/decoder/decoder/generator/", "decoder.decoder.generator."
        put("source", *k.linear(g + "m_source/l_linear", gen + "m_source.l_linear.bias"))
        for i in range(2):
            self.conv(k, f"noise.{i}", f"{g}noise_convs.{i}", f"{gen}noise_convs.{i}")
            self.conv(k, f"ups.{i}", f"{g}ups.{i}", f"{gen}ups.{i}", kind="ConvTranspose")
        self.conv(k, "post", g + "conv_post", gen + "conv_post")
        for block in [f"noise_res.{i}" for i in range(2)] + [f"resblocks.{i}" for i in range(6)]:
            for j in range(3):
                for half in (1, 2):
                    self.conv(k, f"{block}.{half}.{j}", f"{g}{block}/convs{half}.{j}", f"{gen}{block}.convs{half}.{j}")
                    self.style(k, "timbre", f"{block}.{half}.{j}", f"{gen}{block}.adain{half}.{j}.fc")
                    put(f"{block}.alpha{half}.{j}", k.tensor(k.array(f"{gen}{block}.alpha{half}.{j}")).unsqueeze(2))
        put("inverse", k.tensor(k.array(gen + "stft.istft.stft.inverse_basis")).unsqueeze(2) * (FFT / HOP))
        put("window", torch.hann_window(FFT))
        for which in self.styles:                                     # all affine maps of a style in one product
            names, w, b = zip(*self.styles[which])
            put("style." + which, torch.cat(w), torch.cat(b))
            self.styles[which] = [(n, len(x)) for n, x in zip(names, b)]

    def conv(self, k, name, path, weights, dtype=None, kind="Conv"):
        w, b, how = k.conv(path + f"/{kind}_output_0", weights + ".bias")
        dtype = dtype or self.dtype
        pair = {key: (v if key == "groups" else (1, v) if key in ("stride", "dilation") else (0, v)) for key, v in how.items()}
        w = w.unsqueeze(2).to(self.device, dtype, memory_format=torch.channels_last)
        self.convs[name] = (F.conv_transpose2d if kind == "ConvTranspose" else F.conv2d, w, None if b is None else b.to(self.device, dtype), pair)

    def style(self, k, which, name, weights):
        self.styles[which].append((name, k.tensor(k.array(weights + ".weight").T), k.tensor(k.array(weights + ".bias"))))

    def residual(self, k, which, name, path, weights, dtype):
        for part in ("conv1", "conv2"):
            self.conv(k, f"{name}.{part}", f"{path}/{part}", f"{weights}.{part}", dtype)
        for part in ("norm1", "norm2"):
            self.style(k, which, f"{name}.{part}", f"{weights}.{part}.fc")
        if f"{path}/conv1x1/Conv_output_0_output_quantized" in k.nodes:
            self.conv(k, f"{name}.short", f"{path}/conv1x1", f"{weights}.conv1x1", dtype)
        if f"{path}/pool/ConvTranspose_output_0" in k.nodes:
            self.conv(k, f"{name}.pool", f"{path}/pool", f"{weights}.pool", dtype, kind="ConvTranspose")

    # --- pieces ---

    def apply(self, name, x):
        f, w, b, how = self.convs[name]
        return f(x.to(w.dtype), w, b, **how)

    def affine(self, which, s):
        """s (b, 128) -> {norm: (gain, shift)}, each (b, c, 1, 1)."""
        flat = F.linear(s, *self.p["style." + which])
        parts = flat.split([n for _, n in self.styles[which]], -1)
        return {name: x[:, :, None, None].chunk(2, 1) for (name, _), x in zip(self.styles[which], parts)}

    def recurrent(self, name, x, lengths):
        """x (b, t, c), lengths on the host -> (b, t, 512), zero behind the ends."""
        y, _ = self.lstms[name](pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))
        return pad_packed_sequence(y, batch_first=True, total_length=x.shape[1])[0]

    def bert(self, ids, mask):
        """ids, mask (b, n) -> (b, n, 512)."""
        p, (b, n) = self.p, ids.shape
        x = p["bert.word"][0][ids] + p["bert.place"][0][:n]
        x = F.linear(F.layer_norm(x, x.shape[-1:], *p["bert.norm"], eps=1e-12), *p["bert.in"])
        keys = mask[:, None, None, :]
        heads = lambda y: y.view(b, n, 12, 64).transpose(1, 2)
        for _ in range(12):
            q, k, v = (heads(F.linear(x, *p["bert." + c])) for c in "qkv")
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=keys).transpose(1, 2).reshape(b, n, 768)
            x = F.layer_norm(x + F.linear(y, *p["bert.o"]), (768,), *p["bert.norm1"], eps=1e-12)
            y = F.linear(F.gelu(F.linear(x, *p["bert.up"]), approximate="tanh"), *p["bert.down"])
            x = F.layer_norm(x + y, (768,), *p["bert.norm2"], eps=1e-12)
        return F.linear(x, *p["bert.out"])

    def text(self, ids, lengths, mask):
        """-> (b, 512, 1, n)."""
        x = self.p["text.embed"][0][ids].transpose(1, 2).unsqueeze(2) * mask[:, None, None]
        for i in range(3):
            y = self.apply(f"text.{i}", x).squeeze(2).transpose(1, 2)
            y = F.leaky_relu(F.layer_norm(y, (512,), *self.p[f"text.norm{i}"], eps=1e-5), 0.2)
            x = y.transpose(1, 2).unsqueeze(2) * mask[:, None, None]
        return self.recurrent("text", x.squeeze(2).transpose(1, 2), lengths).transpose(1, 2).unsqueeze(2)

    def residual_block(self, name, x, style, ends):
        """ends: {scale: (mask, count)}; x at scale 1 or 2 (after an upsampling block). -> x and its scale."""
        scale = 2 if f"{name}.pool" in self.convs or x.shape[-1] == ends[2][0].shape[-1] else 1
        before = ends[1] if f"{name}.pool" in self.convs else ends[scale]
        y = self.norm_leaky(x, *before, *style[f"{name}.norm1"])
        if f"{name}.pool" in self.convs:
            y = self.apply(f"{name}.pool", y) * ends[2][0].to(y.dtype)
            x = x.repeat_interleave(2, -1)
        y = self.apply(f"{name}.conv1", y)
        y = self.apply(f"{name}.conv2", self.norm_leaky(y, *ends[scale], *style[f"{name}.norm2"]))
        if f"{name}.short" in self.convs:
            x = self.apply(f"{name}.short", x)
        return (y + x) * math.sqrt(0.5)

    def snake_block(self, name, x, style, ends):
        for j in range(3):
            y = x
            for half in (1, 2):
                key = f"{name}.{half}.{j}"
                y = self.apply(key, self.norm_snake(y, *ends, *style[key], self.p[f"{name}.alpha{half}.{j}"][0]))
            x = x + y
        return x

    def harmonics(self, pitch, frames):
        """pitch (b, 2f) in Hz, zero behind the ends -> spectra of the source (b, 22, 1, 120f + 1), zero behind the ends."""
        b, n = pitch.shape
        turns = pitch.unsqueeze(1) * torch.arange(1, HARMONICS + 1, device=pitch.device).view(1, -1, 1) / RATE
        turns = (turns - turns.floor()) * (FRAME // 2)                          # of one half frame
        phase = turns.double().cumsum(-1)
        start = (phase - phase.floor()).float()
        ramp = (torch.arange(FRAME // 2, device=pitch.device) + 0.5) / (FRAME // 2)
        between = (start[:, :, :-1, None] + turns[:, :, 1:, None] * ramp).flatten(2)      # from middle to middle
        edge = FRAME // 4
        whole = torch.cat([start[:, :, :1].expand(-1, -1, edge), between, start[:, :, -1:].expand(-1, -1, edge)], -1)
        voiced = (pitch > 10).float().repeat_interleave(FRAME // 2, -1)
        sines = torch.sin(2 * math.pi * whole) * 0.1 * voiced.unsqueeze(1)
        w, bias = self.p["source"]
        x = torch.tanh(torch.einsum("oh,bht->bt", w, sines) + bias)
        length = (frames * FRAME).unsqueeze(1)                                  # mirrored at the true end
        at = torch.arange(-FFT // 2, n * FRAME // 2 + FFT // 2, device=x.device).abs().unsqueeze(0)
        at = torch.where(at < length, at, (2 * (length - 1) - at).clamp(min=0))
        spectrum = torch.fft.rfft(x.gather(1, at).unfold(1, FFT, HOP) * self.p["window"][0], dim=-1).transpose(1, 2)
        real, imag = spectrum.real, spectrum.imag
        phase = torch.nan_to_num(torch.nan_to_num(imag / real), 0.0).atan()
        phase = torch.where(real < 0, torch.where(imag > 0, phase + math.pi, phase - math.pi), phase)
        return torch.cat([(real.square() + imag.square()).sqrt(), phase], 1).unsqueeze(2)

    # --- the whole ---

    @torch.no_grad()
    def run(self, ids, styles, speeds, frames_multiple=1):
        """ids: lists of phoneme numbers; styles (b, 256): timbre, prosody; speeds (b) -> audio (b, samples) at 24 kHz, float32, and lengths.

        frames_multiple rounds the padded length up, so that there are fewer sizes for the libraries to plan for.
        """
        d, b = self.device, len(ids)
        lengths = torch.tensor([len(i) + 2 for i in ids])
        n = int(lengths.max())
        tokens = torch.zeros(b, n, dtype=torch.long)
        for row, i in zip(tokens, ids):
            row[1:len(i) + 1] = torch.tensor(i)
        tokens = tokens.to(d)
        mask = torch.arange(n, device=d) < lengths.to(d).unsqueeze(1)
        styles = torch.as_tensor(np.asarray(styles, np.float32)).to(d)
        timbre, prosody = self.affine("timbre", styles[:, :128]), self.affine("prosody", styles[:, 128:])
        manner = styles[:, None, 128:].expand(-1, n, -1)
        x = torch.cat([self.bert(tokens, mask), manner], -1)
        for i in range(3):
            gain, shift = (g.flatten(1).unsqueeze(1) for g in prosody[f"dur{i}"])
            y = F.layer_norm(self.recurrent(f"dur{i}", x, lengths), (512,), eps=1e-5)
            x = torch.cat([y * (1 + gain) + shift, manner], -1)
        logits = F.linear(self.recurrent("duration", x, lengths), *self.p["duration"])
        duration = torch.round(torch.sigmoid(logits).sum(-1) / torch.as_tensor(speeds, dtype=torch.float32, device=d).unsqueeze(1)).clamp(min=1)
        duration = duration.long() * mask
        frames = duration.sum(1)
        host = frames.cpu()                                                     # the one wait
        most = -(-int(host.max()) // frames_multiple) * frames_multiple
        at = torch.arange(most, device=d).expand(b, -1)
        which = torch.searchsorted(duration.cumsum(1), at.contiguous(), right=True).clamp(max=n - 1)
        inside = at < frames.unsqueeze(1)
        x = x.gather(1, which.unsqueeze(-1).expand(-1, -1, 640)) * inside.unsqueeze(-1)
        asr = self.text(tokens, lengths, mask).gather(3, which[:, None, None].expand(-1, 512, -1, -1)) * inside[:, None, None]
        x = self.recurrent("shared", x, host).transpose(1, 2).unsqueeze(2)

        def ends(size, count):
            return (torch.arange(size, device=d) < count.unsqueeze(1)).float()[:, None, None], count.float()[:, None, None, None]
        masks = {1: ends(most, frames), 2: ends(2 * most, 2 * frames)}
        curves = {}
        for curve in ("F0", "N"):
            y = x
            for i in range(3):
                y = self.residual_block(f"{curve}.{i}", y, prosody, masks)
            curves[curve] = self.apply(curve, y) * masks[2][0]                  # (b, 1, 1, 2f)
        return self.wave(asr, curves, timbre, masks, frames, host, ends)

    def wave(self, asr, curves, style, masks, frames, host, ends):
        like = dict(dtype=self.dtype, memory_format=torch.channels_last)
        asr = asr.to(**like)
        pitch, energy = (self.apply(c + ".down", curves[c]) * masks[1][0].to(self.dtype) for c in ("F0", "N"))
        x = self.residual_block("encode", torch.cat([asr, pitch, energy], 1), style, masks)
        short = self.apply("asr", asr)
        for i in range(4):
            x = self.residual_block(f"decode.{i}", torch.cat([x, short, pitch, energy], 1), style, masks)
        most = asr.shape[-1]
        fine = [ends(20 * most, 20 * frames), ends(120 * most + 1, 120 * frames + 1)]
        source = (self.harmonics(curves["F0"][:, 0, 0], frames) * fine[1][0]).to(**like)
        x = x * masks[2][0].to(x.dtype)
        for i in range(2):
            y = self.snake_block(f"noise_res.{i}", self.apply(f"noise.{i}", source), style, fine[i])
            x = self.apply(f"ups.{i}", F.leaky_relu(x, 0.1))
            if i == 1:
                x = torch.cat([x[..., 1:2], x], -1)
            x = x + y
            x = sum(self.snake_block(f"resblocks.{3 * i + j}", x, style, fine[i]) for j in range(3)) / 3
            x = x * fine[i][0].to(x.dtype)
        x = self.apply("post", F.leaky_relu(x, 0.01)).float()
        size, turn = x[:, :FFT // 2 + 1].exp() * fine[1][0], torch.sin(x[:, FFT // 2 + 1:])
        x = F.conv_transpose2d(torch.cat([size * turn.cos(), size * turn.sin()], 1), self.p["inverse"][0], stride=(1, HOP))
        return x[:, 0, 0, FFT // 2:-FFT // 2], host * FRAME
