// One step of one stream in one launch, for the least latency. Every block keeps a fixed share of the channels and rows; the weights of its
// share lie side by side in a "slab" a layer, which is copied into shared memory one layer ahead, so that the card reads its weights at full
// speed while the blocks talk to each other.
//
// They talk without barriers: a value travels as 64 bits, its float and the number of the step. Who needs it polls for that number. The places
// of two layers and two steps are never the same within a launch, and the launches of a stream follow each other: nothing is overwritten early.
//
//   Mamba-1, a layer: x -> [norm, in_proj, conv] -> xc -> [x_proj] -> dt, B, C -> [dt_proj, state, gate] -> y -> [out_proj] -> x
//   Mamba-2, a layer: x -> [norm, in_proj, conv] -> B, C -> [state, gate] -> y -> [norm, out_proj] -> x
//
// All arithmetic in float32. The grid is launched cooperatively: all blocks are resident. A poll that takes too long sets *stuck.
#include "common.cuh"

constexpr int THREADS = 768, WARPS = THREADS / 32;
constexpr int PATIENCE = 1 << 22;  // polls, seconds

struct Dims {
  int dModel, dInner, n, taps, dtRank, nHeads, headDim, groups, vocab, layers;
  int nC, nOut, nHd, nBC, nX;  // shares of a block: channels, rows of out_proj, heads (rows of dt), rows of B and C, rows of x_proj
  // bytes from the start of a stage
  int scaleIn, biasIn, convW, convB, xProj, dtProj, dtBias, a, d, out, scaleOut, biasOut, own, norm, gated, convState, h, stage;
  int input;  // 0 tokens; else floats of the window
  float eps, dtMin, dtMax;
};

__device__ __forceinline__ void tell(u64* to, float value, u32 step) {
  const u64 v = ((u64)step << 32) | __float_as_uint(value);
  asm volatile("st.relaxed.gpu.global.u64 [%0], %1;" ::"l"(to), "l"(v) : "memory");
}

__device__ __forceinline__ u64 look(const u64* at) {
  u64 v;
  asm volatile("ld.relaxed.gpu.global.u64 %0, [%1];" : "=l"(v) : "l"(at) : "memory");
  return v;
}
// Waits for one place; only one lane of a warp does so at a time: thousands of threads that all ask would drown those that answer.
__device__ __forceinline__ void wait_for(const u64* at, u32 step, int* stuck) {
  int patience = PATIENCE;
  while ((u32)(look(at) >> 32) != step) {
    if (--patience <= 0 || ((patience & 1023) == 0 && *(volatile int*)stuck)) {
      *stuck = 1;
      break;
    }
  }
}
__device__ __forceinline__ float hear(const u64* from, u32 step, int* stuck) {
  const u32 here = __activemask();
  for (int patience = 4096;;) {
    const u64 v = look(from);
    const u32 missing = __ballot_sync(here, (u32)(v >> 32) != step);
    if (missing == 0 || --patience == 0) return __uint_as_float((u32)v);
    if ((threadIdx.x & 31) == 31 - __clz(missing)) wait_for(from, step, stuck);
    __syncwarp(here);
  }
}
__device__ __forceinline__ float2 hear_two(const u64* from, u32 step, int* stuck) {
  const u32 here = __activemask();
  for (int patience = 4096;;) {
    u64 v, w;
    asm volatile("ld.volatile.global.v2.u64 {%0, %1}, [%2];" : "=l"(v), "=l"(w) : "l"(from) : "memory");
    const bool second = (u32)(w >> 32) != step, first = (u32)(v >> 32) != step;
    const u32 missing = __ballot_sync(here, first || second);
    if (missing == 0 || --patience == 0) return make_float2(__uint_as_float((u32)v), __uint_as_float((u32)w));
    if ((threadIdx.x & 31) == 31 - __clz(missing)) wait_for(second ? from + 1 : from, step, stuck);
    __syncwarp(here);
  }
}

__device__ __forceinline__ void copy16(void* to, const void* from) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"((u32)__cvta_generic_to_shared(to)), "l"(from) : "memory");
}
__device__ __forceinline__ void copy4(void* to, const void* from) {
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" ::"r"((u32)__cvta_generic_to_shared(to)), "l"(from) : "memory");
}
__device__ __forceinline__ void copies_done() { asm volatile("cp.async.wait_all;" ::: "memory"); }

// The dot product of 16 bytes of weights with x.
__device__ __forceinline__ float dot16(const uint4 w, const float* x, float) {
  const float4 a = *(const float4*)x;
  return fmaf(__uint_as_float(w.x), a.x, fmaf(__uint_as_float(w.y), a.y, fmaf(__uint_as_float(w.z), a.z, __uint_as_float(w.w) * a.w)));
}
__device__ __forceinline__ float dot16(const uint4 w, const float* x, u16) {
  const float4 a = *(const float4*)x, b = *(const float4*)(x + 4);
  float s = fmaf(low_bf16(w.x), a.x, high_bf16(w.x) * a.y);
  s = fmaf(low_bf16(w.y), a.z, fmaf(high_bf16(w.y), a.w, s));
  s = fmaf(low_bf16(w.z), b.x, fmaf(high_bf16(w.z), b.y, s));
  return fmaf(low_bf16(w.w), b.z, fmaf(high_bf16(w.w), b.w, s));
}
__device__ __forceinline__ float dot4i(u32 w, const float* x, float s) {
  const float4 a = *(const float4*)x;
  s = fmaf((float)(signed char)w, a.x, s);
  s = fmaf((float)(signed char)(w >> 8), a.y, s);
  s = fmaf((float)(signed char)(w >> 16), a.z, s);
  return fmaf((float)(signed char)(w >> 24), a.w, s);
}
__device__ __forceinline__ float dot16(const uint4 w, const float* x, signed char) {
  return dot4i(w.w, x + 12, dot4i(w.z, x + 8, dot4i(w.y, x + 4, dot4i(w.x, x, 0.0f))));
}

// A warp's part of the dot product of a row with x: the units of 16 bytes from `first` to `last`. In every lane.
template <typename T>
__device__ __forceinline__ float row_dot(const T* w, const float* x, int first, int last) {
  constexpr int V = 16 / sizeof(T);
  float s = 0;
  for (int k = first + (threadIdx.x & 31); k < last; k += 32) s += dot16(((const uint4*)w)[k], x + k * V, T(0));
  return warp_sum(s);
}

// partial[r * splits + s]: all rows of a share, each split over so many warps.
template <typename T>
__device__ __forceinline__ void rows_dot(const T* w, int rows, int cols, const float* x, float* partial, int splits) {
  const int units = cols * (int)sizeof(T) / 16, each = (units + splits - 1) / splits;
  for (int task = threadIdx.x >> 5; task < rows * splits; task += WARPS) {
    const int r = task / splits, s = task % splits;
    const float v = row_dot(w + (size_t)r * cols, x, s * each, min(units, (s + 1) * each));
    if ((threadIdx.x & 31) == 0) partial[task] = v;
  }
}
__device__ __forceinline__ int splits_for(int rows) { return rows == 0 ? 1 : min(8, max(1, WARPS / rows)); }
__device__ __forceinline__ float total(const float* partial, int r, int splits) {
  float v = partial[r * splits];
  for (int s = 1; s < splits; s++) v += partial[r * splits + s];
  return v;
}

// Hears n values, keeps weight * value in `to` and the sum of squares, a warp's part each, in `squares`.
__device__ __forceinline__ void hear_scaled(const u64* from, int n, u32 step, const float* weight, float* to, float* squares, int* stuck) {
  float sum = 0;
  for (int p = threadIdx.x; 2 * p < n; p += THREADS) {
    const float2 v = hear_two(from + 2 * p, step, stuck);
    to[2 * p] = weight ? v.x * weight[2 * p] : v.x;
    to[2 * p + 1] = weight ? v.y * weight[2 * p + 1] : v.y;
    sum = fmaf(v.x, v.x, fmaf(v.y, v.y, sum));
  }
  sum = warp_sum(sum);
  if ((threadIdx.x & 31) == 0) squares[threadIdx.x >> 5] = sum;
}
__device__ __forceinline__ float scale_of(const float* squares, int n, float eps) {
  const int lane = threadIdx.x & 31;
  return 1.0f / sqrtf(warp_sum(lane < WARPS ? squares[lane] : 0.0f) / n + eps);
}

// Starts the copy of a layer's slab, its common vectors and the block's states into a stage.
template <bool DUAL>
__device__ __forceinline__ void fetch(const Dims& m, u8* stage, const u8* slab, const u8* common, const float* conv, const float* ssm) {
  for (int k = threadIdx.x * 16; k < m.own; k += THREADS * 16) copy16(stage + k, slab + k);
  const int commonBytes = m.convState - m.own;
  for (int k = threadIdx.x * 16; k < commonBytes; k += THREADS * 16) copy16(stage + m.own + k, common + k);
  const int c0 = blockIdx.x * m.nC, convDim = m.dInner + (DUAL ? 2 * m.groups * m.n : 0), bc0 = m.dInner + blockIdx.x * m.nBC;
  const int own = m.nC + m.nBC;
  for (int k = threadIdx.x; k < (m.taps - 1) * own; k += THREADS) {
    const int j = k % own, c = j < m.nC ? c0 + j : bc0 + j - m.nC;
    if (j < m.nC ? c < m.dInner : c < convDim) copy4(stage + m.convState + 4 * k, conv + (size_t)(k / own) * convDim + c);
  }
  for (int k = threadIdx.x; k < m.n * m.nC; k += THREADS) {
    const int n = k / m.nC, c = c0 + k % m.nC;
    if (c < m.dInner) {
      const size_t at = DUAL ? (size_t)(c / m.headDim * m.n + n) * m.headDim + c % m.headDim : (size_t)n * m.dInner + c;
      copy4(stage + m.h + 4 * k, ssm + at);
    }
  }
}

template <typename T, bool DUAL>
__device__ void stream_step(const Dims& m, const u8* slabs, const u8* commons, const T* input, const float* inputScale,
                            const float* inputBias, const float* finalNorm, const T* head, const float* headScale, const float* headBias,
                            float* states, size_t slotFloats, const int* header, int capacity, u64* mail, u32* steps, int* stuck,
                            float* logits) {
  extern __shared__ __align__(16) u8 shared[];
  const int block = blockIdx.x, lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
  const int c0 = block * m.nC, channels = max(0, min(m.nC, m.dInner - c0));
  const int out0 = block * m.nOut, outs = max(0, min(m.nOut, m.dModel - out0));
  const int bcAll = 2 * m.groups * m.n, bc0 = block * m.nBC, bcs = DUAL ? max(0, min(m.nBC, bcAll - bc0)) : 0;
  const int convDim = m.dInner + (DUAL ? bcAll : 0);
  const int xRows = m.dtRank + 2 * m.n, x0 = ((int)gridDim.x - 1 - block) * m.nX, xs = DUAL ? 0 : max(0, min(m.nX, xRows - x0));
  const int nIn = 2 * m.nC + m.nHd + m.nBC, own = m.nC + m.nBC;
  const size_t layerFloats = (size_t)(m.taps - 1) * convDim + (size_t)m.dInner * m.n;
  // mail of a layer: xc or B, C; dt, B, C; y; x
  const int mailE = DUAL ? (bcAll + 1) / 2 * 2 : m.dInner, mailX = DUAL ? 0 : (xRows + 1) / 2 * 2;
  const size_t mailLayer = (size_t)mailE + mailX + m.dInner + m.dModel;

  u8* stages[2] = {shared, shared + m.stage};
  float* u = (float*)(shared + 2 * m.stage);  // (max(dModel, dInner, window)) scaled x
  float* ys = u + max(m.dModel, m.input);     // (dInner)
  float* proj = ys + m.dInner;                // (nIn) after in_proj
  float* partial = proj + (nIn + 3) / 4 * 4;  // (rows * splits)
  float* squares = partial + max(8 * WARPS, nIn);  // (32)
  float* squaresY = squares + 32;             // (32)

  const u32 step = *(volatile u32*)steps + 1;
  float* state = states + (size_t)header[4] * slotFloats;
  fetch<DUAL>(m, stages[0], slabs + (size_t)block * m.own, commons, state, state + (size_t)(m.taps - 1) * convDim);

  // The input: a row of the table of tokens, or the patch embedding of the window.
  float mine = 0;  // of thread r < outs: the residual stream's row out0 + r
  if (m.input == 0) {
    if ((int)threadIdx.x < outs) {
      const size_t at = (size_t)header[4 + capacity] * m.dModel + out0 + threadIdx.x;
      if constexpr (sizeof(T) == 4) mine = input[at];
      if constexpr (sizeof(T) == 2) mine = bf16(input[at]);
      if constexpr (sizeof(T) == 1) mine = input[at] * inputScale[header[4 + capacity]];
    }
  } else {
    const float* window = state + m.layers * layerFloats;
    for (int k = threadIdx.x; k < m.input; k += THREADS) u[k] = window[k];
    __syncthreads();
    const int splits = splits_for(outs);
    rows_dot(input + (size_t)out0 * m.input, outs, m.input, u, partial, splits);
    __syncthreads();
    if ((int)threadIdx.x < outs) {
      const int r = out0 + threadIdx.x;
      mine = inputBias[r] + (sizeof(T) == 1 ? inputScale[r] : 1.0f) * total(partial, threadIdx.x, splits);
    }
  }
  u64* first = mail + m.layers * mailLayer;
  if ((int)threadIdx.x < outs) tell(first + out0 + threadIdx.x, mine, step);
  copies_done();
  __syncthreads();

  for (int layer = 0; layer < m.layers; layer++) {
    u8* s = stages[layer & 1];
    float* conv = state + layer * layerFloats;
    float* ssm = conv + (size_t)(m.taps - 1) * convDim;
    u64* mE = mail + layer * mailLayer;
    u64* mX = mE + mailE;
    u64* mY = mX + mailX;
    u64* mNext = mY + m.dInner;
    const u64* mIn = layer == 0 ? first : mE - m.dModel;
    if (layer + 1 < m.layers) {
      const size_t next = (size_t)(layer + 1) * gridDim.x + block;
      fetch<DUAL>(m, stages[(layer + 1) & 1], slabs + next * m.own, commons + (size_t)(layer + 1) * (m.convState - m.own),
                  conv + layerFloats, ssm + layerFloats);
    }

    hear_scaled(mIn, m.dModel, step, (const float*)(s + m.norm), u, squares, stuck);
    __syncthreads();
    {
      const float rs = scale_of(squares, m.dModel, m.eps);
      const float* scaleIn = (const float*)(s + m.scaleIn);
      const float* biasIn = (const float*)(s + m.biasIn);
      for (int r = warp; r < nIn; r += WARPS) {
        const float v = row_dot((const T*)s + (size_t)r * m.dModel, u, 0, m.dModel * (int)sizeof(T) / 16);
        if (lane == 0) proj[r] = fmaf(v * rs, scaleIn[r], biasIn[r]);
      }
    }
    __syncthreads();
    // in rows: x (nC), z (nC), dt (nHd), B and C (nBC). The convolution of x, B and C.
    for (int j = threadIdx.x; j < own; j += THREADS) {
      const bool isX = j < m.nC;
      if (isX ? j < channels : j - m.nC < bcs) {
        const int c = isX ? c0 + j : m.dInner + bc0 + j - m.nC;
        const float* w = (const float*)(s + m.convW);
        const float* before = (const float*)(s + m.convState);
        const float now = proj[isX ? j : 2 * m.nC + m.nHd + j - m.nC];
        float sum = ((const float*)(s + m.convB))[j];
        for (int k = 0; k < m.taps - 1; k++) {
          const float v = before[k * own + j];
          sum = fmaf(w[k * own + j], v, sum);
          if (k > 0) conv[(size_t)(k - 1) * convDim + c] = v;
        }
        sum = silu(fmaf(w[(m.taps - 1) * own + j], now, sum));
        if (m.taps > 1) conv[(size_t)(m.taps - 2) * convDim + c] = now;
        if (isX) proj[j] = sum;
        if (DUAL ? !isX : true) tell(mE + (DUAL ? bc0 + j - m.nC : c), sum, step);
      }
    }
    if (xs > 0) {  // Mamba-1 only
      hear_scaled(mE, m.dInner, step, nullptr, ys, squaresY, stuck);
      __syncthreads();
      const int splits = splits_for(xs);
      rows_dot((const float*)(s + m.xProj), xs, m.dInner, ys, partial, splits);
      __syncthreads();
      if ((int)threadIdx.x < xs) tell(mX + x0 + threadIdx.x, total(partial, threadIdx.x, splits), step);
    }
    __syncthreads();  // proj is convolved

    // A warp has one channel at a time: dt, the state, the gate.
    for (int j = warp; j < channels; j += WARPS) {
      const float x = proj[j], z = proj[m.nC + j];
      float dt;
      const u64 *mB, *mC;
      if (DUAL) {
        const int head = (c0 + j) / m.headDim;
        const int group = head / (m.nHeads / m.groups);
        dt = proj[2 * m.nC + head - c0 / m.headDim] + ((const float*)(s + m.dtBias))[j];
        dt = fminf(fmaxf(softplus(dt), m.dtMin), m.dtMax);
        mB = mE + group * m.n;
        mC = mE + (m.groups + group) * m.n;
      } else {
        const float* w = (const float*)(s + m.dtProj) + j * m.dtRank;
        float sum = 0;
        for (int r = lane; r < m.dtRank; r += 32) sum = fmaf(w[r], hear(mX + r, step, stuck), sum);
        dt = softplus(warp_sum(sum) + ((const float*)(s + m.dtBias))[j]);
        mB = mX + m.dtRank;
        mC = mB + m.n;
      }
      float sum = 0;
      for (int n = lane; n < m.n; n += 32) {
        const int c = c0 + j;
        const float a = ((const float*)(s + m.a))[DUAL ? j : n * m.nC + j];
        const float b = hear(mB + n, step, stuck), cc = hear(mC + n, step, stuck);
        const float h = fmaf(expf(dt * a), ((const float*)(s + m.h))[n * m.nC + j], dt * b * x);
        ssm[DUAL ? (size_t)(c / m.headDim * m.n + n) * m.headDim + c % m.headDim : (size_t)n * m.dInner + c] = h;
        sum = fmaf(cc, h, sum);
      }
      sum = warp_sum(sum);
      if (lane == 0) tell(mY + c0 + j, fmaf(((const float*)(s + m.d))[j], x, sum) * silu(z), step);
    }

    hear_scaled(mY, m.dInner, step, DUAL ? (const float*)(s + m.gated) : nullptr, ys, squaresY, stuck);
    __syncthreads();
    const int splits = splits_for(outs);
    rows_dot((const T*)(s + m.out), outs, m.dInner, ys, partial, splits);
    const float rs = DUAL ? scale_of(squaresY, m.dInner, m.eps) : 1.0f;
    float scaleOut = 0, biasOut = 0;
    if ((int)threadIdx.x < outs) {  // before the barrier: then the next copy may take their place
      scaleOut = ((const float*)(s + m.scaleOut))[threadIdx.x];
      biasOut = ((const float*)(s + m.biasOut))[threadIdx.x];
    }
    copies_done();
    __syncthreads();
    if ((int)threadIdx.x < outs) {
      mine += fmaf(total(partial, threadIdx.x, splits) * rs, scaleOut, biasOut);
      tell(mNext + out0 + threadIdx.x, mine, step);
    }
  }

  hear_scaled(mail + m.layers * mailLayer - m.dModel, m.dModel, step, finalNorm, u, squares, stuck);
  __syncthreads();
  const float rs = scale_of(squares, m.dModel, m.eps);
  for (int r = block * WARPS + warp; r < m.vocab; r += gridDim.x * WARPS) {
    const float v = row_dot(head + (size_t)r * m.dModel, u, 0, m.dModel * (int)sizeof(T) / 16) * rs;
    if (lane == 0) logits[r] = (headBias ? headBias[r] : 0.0f) + (headScale ? headScale[r] : 1.0f) * v;
  }
  if (block == 0 && threadIdx.x == 0) *steps = step;  // every block has read it: this one has heard from all
}

#define STREAM(name, T, DUAL)                                                                                                              \
  extern "C" __global__ void __launch_bounds__(THREADS, 1)                                                                                 \
      name(const Dims m, const u8* slabs, const u8* commons, const T* input, const float* inputScale, const float* inputBias,              \
           const float* finalNorm, const T* head, const float* headScale, const float* headBias, float* states, size_t slotFloats,         \
           const int* header, int capacity, u64* mail, u32* steps, int* stuck, float* logits) {                                            \
    stream_step<T, DUAL>(m, slabs, commons, input, inputScale, inputBias, finalNorm, head, headScale, headBias, states, slotFloats, header, \
                         capacity, mail, steps, stuck, logits);                                                                            \
  }
STREAM(stream1_f32, float, false)
STREAM(stream1_bf16, u16, false)
STREAM(stream1_i8, signed char, false)
STREAM(stream2_f32, float, true)
STREAM(stream2_bf16, u16, true)
STREAM(stream2_i8, signed char, true)
