// One step of many streams: projections on tensor cores, everything else fused around them.
//
// Weights and activations are float16, sums float32. Every row of weights is scaled by a power of two (int8: as it is), so that bfloat16 and
// int8 weights are kept exactly; float32 ones may come as two parts, high and low. Weights lie in the order in which the tensor cores want
// them: a thread loads 16 bytes, a warp 8 rows of 32 columns. A row of results is summed in an order that depends on the kernel alone, never
// on how many entries there are. Entries, slots and states are as in step.cu.
#include "common.cuh"

__device__ __forceinline__ u16 half_of(float v) {
  u16 h;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(h) : "f"(fminf(fmaxf(v, -65504.0f), 65504.0f)));
  return h;
}
__device__ __forceinline__ float float_of(u16 h) {
  float v;
  asm("cvt.f32.f16 %0, %1;" : "=f"(v) : "h"(h));
  return v;
}
__device__ __forceinline__ u32 two_halves(float a, float b) { return (u32)half_of(a) | ((u32)half_of(b) << 16); }
__device__ __forceinline__ float exp2_fast(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}
constexpr float LOG2E = 1.4426950408889634f;

// ---- packing, once at open

template <typename T>
__device__ __forceinline__ float weight(T w) {
  if constexpr (sizeof(T) == 2) return bf16(w);
  else return (float)w;
}

// One block a row. packed: (ceil(rows / 8), cols32 / 32, 32 lanes, 8 halves), `parts` times; scale (rows).
template <typename T>
__device__ void pack(const T* w, const float* rowScale, int rows, int cols, int parts, u16* packed, float* scale) {
  __shared__ float most[32];
  const int r = blockIdx.x, pairs = (cols + 31) / 32;
  float m = 0;
  for (int c = threadIdx.x; c < cols; c += blockDim.x) m = fmaxf(m, fabsf(weight(w[(size_t)r * cols + c])));
  for (int k = 16; k > 0; k >>= 1) m = fmaxf(m, __shfl_xor_sync(0xFFFFFFFFu, m, k));
  if ((threadIdx.x & 31) == 0) most[threadIdx.x >> 5] = m;
  __syncthreads();
  m = 0;
  for (int k = 0; k < (int)blockDim.x >> 5; k++) m = fmaxf(m, most[k]);
  int exponent = 0;
  if (sizeof(T) != 1 && m > 0) exponent = min(max(13 - (int)floorf(log2f(m)), -100), 100);
  const float p = exp2f((float)exponent);
  if (threadIdx.x == 0) scale[r] = (rowScale ? rowScale[r] : 1.0f) / p;
  const size_t part = (size_t)((rows + 7) / 8) * pairs * 256;
  for (int c = threadIdx.x; c < cols; c += blockDim.x) {
    const int lane = (r % 8) * 4 + ((c % 8) >> 1), word = ((c & 16) >> 3) + ((c & 8) >> 3);
    const size_t at = (((size_t)(r / 8) * pairs + c / 32) * 32 + lane) * 8 + word * 2 + (c & 1);
    const float v = weight(w[(size_t)r * cols + c]) * p;
    packed[at] = half_of(v);
    if (parts > 1) packed[part + at] = half_of(v - float_of(half_of(v)));
  }
}
extern "C" __global__ void pack_f32(const float* w, const float* s, int rows, int cols, int parts, u16* packed, float* scale) { pack(w, s, rows, cols, parts, packed, scale); }
extern "C" __global__ void pack_bf16(const u16* w, const float* s, int rows, int cols, int parts, u16* packed, float* scale) { pack(w, s, rows, cols, parts, packed, scale); }
extern "C" __global__ void pack_i8(const signed char* w, const float* s, int rows, int cols, int parts, u16* packed, float* scale) { pack(w, s, rows, cols, parts, packed, scale); }

// ---- what a projection does with a pair of results: entry i, rows n and n + 1

struct Store {  // out[i] = v + bias, float32
  float* out;
  int stride, rows;
  const float* bias;
  __device__ __forceinline__ void operator()(int i, int n, float a, float b) const {
    float* y = out + (size_t)i * stride + n;
    y[0] = a + (bias ? bias[n] : 0.0f);
    if (n + 1 < rows) y[1] = b + (bias ? bias[n + 1] : 0.0f);
  }
};
struct Add {  // x[i] += v + bias, float32
  float* x;
  int stride, rows;
  const float* bias;
  __device__ __forceinline__ void operator()(int i, int n, float a, float b) const {
    float2* y = (float2*)(x + (size_t)i * stride + n);  // stride and rows are even
    const float2 v = *y;
    *y = make_float2(v.x + a + (bias ? bias[n] : 0.0f), v.y + b + (bias ? bias[n + 1] : 0.0f));
  }
};
struct Convolve {  // rows from convFrom to convTo go through the causal convolution and silu, those behind are dt, the others z
  float* state;
  size_t slotFloats, convAt;
  const int* slots;
  const float *bias, *weight, *convBias;
  int rows, convFrom, convTo, taps, zFrom;
  u16* conv;
  int convStride;
  u16* z;
  int zStride;
  float* dt;
  int dtStride;
  __device__ __forceinline__ void operator()(int i, int n, float a, float b) const {
    if (bias) a += bias[n], b += n + 1 < rows ? bias[n + 1] : 0.0f;
    if (n >= convFrom && n < convTo) {
      const int c = n - convFrom, channels = convTo - convFrom;
      float* s = state + slots[i] * slotFloats + convAt + c;
      float p = convBias ? convBias[c] : 0.0f, q = convBias ? convBias[c + 1] : 0.0f;
      if (taps == 4) {  // the usual: all loads before a store, so that they do not wait for each other
        float v[3][2];
#pragma unroll
        for (int k = 0; k < 3; k++) v[k][0] = s[(size_t)k * channels], v[k][1] = s[(size_t)k * channels + 1];
#pragma unroll
        for (int k = 0; k < 3; k++) {
          p = fmaf(weight[k * channels + c], v[k][0], p);
          q = fmaf(weight[k * channels + c + 1], v[k][1], q);
          if (k > 0) s[(size_t)(k - 1) * channels] = v[k][0], s[(size_t)(k - 1) * channels + 1] = v[k][1];
        }
      } else {
        for (int k = 0; k < taps - 1; k++) {
          const float v0 = s[(size_t)k * channels], v1 = s[(size_t)k * channels + 1];
          p = fmaf(weight[k * channels + c], v0, p);
          q = fmaf(weight[k * channels + c + 1], v1, q);
          if (k > 0) s[(size_t)(k - 1) * channels] = v0, s[(size_t)(k - 1) * channels + 1] = v1;
        }
      }
      p = fmaf(weight[(taps - 1) * channels + c], a, p);
      q = fmaf(weight[(taps - 1) * channels + c + 1], b, q);
      if (taps > 1) s[(size_t)(taps - 2) * channels] = a, s[(size_t)(taps - 2) * channels + 1] = b;
      *(u32*)(conv + (size_t)i * convStride + c) = two_halves(silu(p), silu(q));
    } else if (n >= convTo && zFrom < convFrom) {  // Mamba-2: dt
      dt[(size_t)i * dtStride + n - convTo] = a;
      if (n + 1 < rows) dt[(size_t)i * dtStride + n + 1 - convTo] = b;
    } else {
      *(u32*)(z + (size_t)i * zStride + n - zFrom) = two_halves(a, b);
    }
  }
};

// ---- the projection

__device__ __forceinline__ void copy16(u32 to, const void* from) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(from) : "memory");
}
__device__ __forceinline__ void matrices(u32 (&a)[4], u32 at) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];" : "=r"(a[0]), "=r"(a[1]), "=r"(a[2]), "=r"(a[3]) : "r"(at));
}
__device__ __forceinline__ void multiply(float (&c)[4], const u32 (&a)[4], u32 b0, u32 b1) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
               : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

constexpr int STAGES = 3;

// A block: 16 MT WM entries by 8 NT WN rows; KS groups of warps share the columns. in: (entries, stride halves), zeros up to a multiple of 32.
template <int MT, int NT, int WM, int WN, int KS, typename E>
__device__ __forceinline__ void project(const u16* in, int stride, const int* count, const uint4* w, const float* scale, int pairs, int parts, int rows,
                                        const E& done) {
  constexpr int BM = 16 * MT * WM, BN = 8 * NT * WN, THREADS = 32 * WM * WN * KS, SLICES = 2 * KS;  // a chunk: so many slices of 32 columns
  constexpr int SLICE_BYTES = BM * 64, STAGE_BYTES = SLICES * SLICE_BYTES;
  extern __shared__ __align__(16) u8 shared[];
  const u32 base = (u32)__cvta_generic_to_shared(shared);
  const int n = *count, i0 = blockIdx.x * BM, r0 = blockIdx.y * BN;
  if (i0 >= n) return;
  const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
  const int wm = warp % WM, wn = warp / WM % WN, group = warp / (WM * WN);
  const int slices = pairs * parts, chunks = (slices + SLICES - 1) / SLICES, tiles = (rows + 7) / 8;

  auto fetch = [&](int chunk) {
    if (chunk < chunks) {
      const u32 to = base + chunk % STAGES * STAGE_BYTES;
      for (int k = threadIdx.x; k < SLICES * BM * 4; k += THREADS) {
        const int unit = k & 3, row = k / 4 % BM, j = k / (4 * BM), s = chunk * SLICES + j;
        if (s < slices) {
          copy16(to + j * SLICE_BYTES + row * 64 + ((unit ^ (row >> 1 & 3)) << 4), in + (size_t)min(i0 + row, n - 1) * stride + s % pairs * 32 + unit * 8);
        }
      }
    }
    asm volatile("cp.async.commit_group;" ::: "memory");
  };
  const uint4* rowsOf[NT];
#pragma unroll
  for (int t = 0; t < NT; t++) rowsOf[t] = w + (size_t)min(r0 / 8 + wn * NT + t, tiles - 1) * pairs * 32 + lane;
  const size_t part = (size_t)tiles * pairs * 32;
  auto weights = [&](uint4 (&b)[NT], int s) {
    const size_t at = (size_t)(s / pairs) * part + (size_t)(s % pairs) * 32;
#pragma unroll
    for (int t = 0; t < NT; t++) b[t] = rowsOf[t][at];
  };

  if (KS > 1 && lane % 8 == 0) {  // few entries: the weights are what is waited for, so all of a warp's are asked for at once
    for (int s = group; s < slices; s += KS) {
      const size_t at = (size_t)(s / pairs) * part + (size_t)(s % pairs) * 32;
#pragma unroll
      for (int t = 0; t < NT; t++) touch(rowsOf[t] + at);
    }
  }

  float c[MT][NT][4] = {};
  uint4 b[NT], next[NT];
  for (int k = 0; k < STAGES - 1; k++) fetch(k);
  if (group < slices) weights(next, group);
  for (int chunk = 0; chunk < chunks; chunk++) {
    asm volatile("cp.async.wait_group %0;" ::"n"(STAGES - 2) : "memory");
    __syncthreads();
    fetch(chunk + STAGES - 1);
#pragma unroll
    for (int j = 0; j < 2; j++) {
      const int s = chunk * SLICES + j * KS + group;
      if (s < slices) {
#pragma unroll
        for (int t = 0; t < NT; t++) b[t] = next[t];
        if (s + KS < slices) weights(next, s + KS);
        const u32 from = base + chunk % STAGES * STAGE_BYTES + (j * KS + group) * SLICE_BYTES;
#pragma unroll
        for (int half = 0; half < 2; half++) {
          u32 a[MT][4];
#pragma unroll
          for (int t = 0; t < MT; t++) {
            const int row = (wm * MT + t) * 16 + (lane & 15), unit = half * 2 + (lane >> 4);
            matrices(a[t], from + row * 64 + ((unit ^ (row >> 1 & 3)) << 4));
          }
#pragma unroll
          for (int u = 0; u < MT; u++)
#pragma unroll
            for (int t = 0; t < NT; t++) multiply(c[u][t], a[u], half ? b[t].z : b[t].x, half ? b[t].w : b[t].y);
        }
      }
    }
  }

  if constexpr (KS == 1) {
#pragma unroll
    for (int u = 0; u < MT; u++)
#pragma unroll
      for (int t = 0; t < NT; t++) {
        const int i = i0 + (wm * MT + u) * 16 + lane / 4, r = r0 + (wn * NT + t) * 8 + lane % 4 * 2;
        if (r < rows) {
          const float p = scale[r], q = r + 1 < rows ? scale[r + 1] : 0.0f;
          if (i < n) done(i, r, c[u][t][0] * p, c[u][t][1] * q);
          if (i + 8 < n) done(i + 8, r, c[u][t][2] * p, c[u][t][3] * q);
        }
      }
  } else {
    float* sums = (float*)shared;  // (KS, BM, BN)
    asm volatile("cp.async.wait_all;" ::: "memory");
    __syncthreads();
#pragma unroll
    for (int u = 0; u < MT; u++)
#pragma unroll
      for (int t = 0; t < NT; t++) {
        float* to = sums + (group * BM + (wm * MT + u) * 16 + lane / 4) * BN + (wn * NT + t) * 8 + lane % 4 * 2;
        *(float2*)to = make_float2(c[u][t][0], c[u][t][1]);
        *(float2*)(to + 8 * BN) = make_float2(c[u][t][2], c[u][t][3]);
      }
    __syncthreads();
    for (int k = threadIdx.x; k < BM * BN / 2; k += THREADS) {
      const int m = k / (BN / 2), r = r0 + k % (BN / 2) * 2;
      if (i0 + m < n && r < rows) {
        float2 v = *(float2*)(sums + 2 * k);
#pragma unroll
        for (int g = 1; g < KS; g++) {
          const float2 o = *(float2*)(sums + g * BM * BN + 2 * k);
          v.x += o.x;
          v.y += o.y;
        }
        done(i0 + m, r, v.x * scale[r], v.y * (r + 1 < rows ? scale[r + 1] : 0.0f));
      }
    }
  }
}

// few: for up to some hundred entries, 32 entries by 32 or 16 rows, 8 warps share the columns. many: 128 by 128.
#define WAYS(name, E, PARAMS, MAKE)                                                                                                        \
  extern "C" __global__ void __launch_bounds__(256) name##_few(const u16* in, int stride, const int* count, const uint4* w,               \
                                                               const float* scale, int pairs, int parts, int rows, PARAMS) {              \
    project<2, 2, 1, 1, 8, E>(in, stride, count, w, scale, pairs, parts, rows, MAKE);                                                     \
  }                                                                                                                                        \
  extern "C" __global__ void __launch_bounds__(256, 2) name##_some(const u16* in, int stride, const int* count, const uint4* w,           \
                                                                const float* scale, int pairs, int parts, int rows, PARAMS) {             \
    project<2, 4, 2, 2, 2, E>(in, stride, count, w, scale, pairs, parts, rows, MAKE);                                                     \
  }                                                                                                                                        \
  extern "C" __global__ void __launch_bounds__(256, 2) name##_many(const u16* in, int stride, const int* count, const uint4* w,           \
                                                                const float* scale, int pairs, int parts, int rows, PARAMS) {             \
    project<4, 4, 2, 4, 1, E>(in, stride, count, w, scale, pairs, parts, rows, MAKE);                                                     \
  }
#define COMMA ,
WAYS(store, Store, float* out COMMA int outStride COMMA const float* bias, (Store{out, outStride, rows, bias}))
WAYS(add, Add, float* x COMMA int outStride COMMA const float* bias, (Add{x, outStride, rows, bias}))
WAYS(convolve, Convolve, const Convolve e, e)

// ---- between the projections

// y = half(weight * x / rms(x)). A warp an entry.
extern "C" __global__ void norm_half(const float* x, const float* weight, float eps, u16* y, int n, int stride, const int* count) {
  const int i = blockIdx.x * (blockDim.x >> 5) + (threadIdx.x >> 5), lane = threadIdx.x & 31;
  if (i >= *count) return;
  const float* v = x + (size_t)i * n;
  float squares = 0;
  for (int k = lane * 2; k < n; k += 64) {
    const float2 a = *(const float2*)(v + k);
    squares = fmaf(a.x, a.x, fmaf(a.y, a.y, squares));
  }
  const float scale = 1.0f / sqrtf(warp_sum(squares) / n + eps);
  for (int k = lane * 2; k < n; k += 64) {
    const float2 a = *(const float2*)(v + k);
    *(u32*)(y + (size_t)i * stride + k) = two_halves(weight[k] * (a.x * scale), weight[k + 1] * (a.y * scale));
  }
}

// The windows of the entries as halves.
extern "C" __global__ void window_half(const float* windows, size_t slotFloats, int n, u16* y, int stride, const int* slots, const int* count) {
  const int i = blockIdx.x;
  if (i >= *count) return;
  for (int k = threadIdx.x; k < n; k += blockDim.x) y[(size_t)i * stride + k] = half_of(windows[slots[i] * slotFloats + k]);
}

// dt_proj, (rows, cols) to (cols, rows).
extern "C" __global__ void transpose(const float* w, float* to, int rows, int cols) {
  for (int k = blockIdx.x * blockDim.x + threadIdx.x; k < rows * cols; k += gridDim.x * blockDim.x) to[k % cols * rows + k / cols] = w[k];
}

// Mamba-1: dt_proj, softplus, the state, the gate. A thread has one channel of S entries, one after the other. dtW (dtRank, channels).
// N states a channel if N > 0, else n.
template <int N, int S>
__device__ __forceinline__ void selective(float* state, size_t slotFloats, size_t ssmAt, const float* a, const float* d, const float* dtW, const float* dtBias,
                          const u16* x, int xStride, const float* bc, int bcStride, int dtRank, const u16* z, int zStride, u16* y, int yStride,
                          int channels, int nAny, const int* slots, const int* count) {
  extern __shared__ __align__(16) float row[];  // (S, bcStride)
  const int n = N > 0 ? N : nAny;
  const int c = blockIdx.x * blockDim.x + threadIdx.x, i0 = blockIdx.y * S, all = *count;
  if (i0 >= all) return;
  for (int k = threadIdx.x; k < S * bcStride; k += blockDim.x) row[k] = i0 + k / bcStride < all ? bc[(size_t)i0 * bcStride + k] : 0.0f;
  __syncthreads();
  if (c >= channels) return;
  if ((threadIdx.x & 31) == 0) {  // a warp's 32 channels are 128 bytes of a row of states
    for (int s = 0; s < S && i0 + s < all; s++) {
      const float* h = state + slots[i0 + s] * slotFloats + ssmAt + c;
      for (int k = 0; k < n; k++) touch(h + (size_t)k * channels);
    }
  }
  float dt[S];
#pragma unroll
  for (int s = 0; s < S; s++) dt[s] = dtBias[c];
#pragma unroll 8
  for (int r = 0; r < dtRank; r++) {
    const float w = dtW[(size_t)r * channels + c];
#pragma unroll
    for (int s = 0; s < S; s++) dt[s] = fmaf(w, row[s * bcStride + r], dt[s]);
  }
  float aa[N > 0 ? N : 1];
  if (N > 0) {
#pragma unroll
    for (int k = 0; k < N; k++) aa[k] = a[(size_t)k * channels + c] * LOG2E;
  }
#pragma unroll
  for (int s = 0; s < S; s++) {
    const int i = i0 + s;
    if (i >= all) return;
    float* h = state + slots[i] * slotFloats + ssmAt + c;
    const float* b = row + s * bcStride + dtRank;
    const float u = float_of(x[(size_t)i * xStride + c]), zz = float_of(z[(size_t)i * zStride + c]), t = softplus(dt[s]), tu = t * u;
    float sum = 0;
    if (N > 0) {
      float v[N > 0 ? N : 1];
#pragma unroll
      for (int k = 0; k < N; k++) v[k] = __ldcs(h + (size_t)k * channels);
#pragma unroll
      for (int k = 0; k < N; k++) {
        v[k] = fmaf(exp2_fast(t * aa[k]), v[k], tu * b[k]);
        __stcs(h + (size_t)k * channels, v[k]);
        sum = fmaf(b[n + k], v[k], sum);
      }
    } else {
      for (int k = 0; k < n; k++) {
        const float v = fmaf(exp2_fast(t * a[(size_t)k * channels + c] * LOG2E), h[(size_t)k * channels], tu * b[k]);
        h[(size_t)k * channels] = v;
        sum = fmaf(b[n + k], v, sum);
      }
    }
    y[(size_t)i * yStride + c] = half_of(fmaf(d[c], u, sum) * silu(zz));
  }
}
#define SELECTIVE(name, N, S)                                                                                                              \
  extern "C" __global__ void __launch_bounds__(128) name(float* state, size_t slotFloats, size_t ssmAt, const float* a, const float* d,   \
                                                         const float* dtW, const float* dtBias, const u16* x, int xStride,                \
                                                         const float* bc, int bcStride, int dtRank, const u16* z, int zStride, u16* y,    \
                                                         int yStride, int channels, int n, const int* slots, const int* count) {          \
    selective<N, S>(state, slotFloats, ssmAt, a, d, dtW, dtBias, x, xStride, bc, bcStride, dtRank, z, zStride, y, yStride, channels, n,    \
                    slots, count);                                                                                                         \
  }
SELECTIVE(selective_16, 16, 4)
SELECTIVE(selective_any, 0, 4)

// Mamba-2: the state, the gate, the gated norm. A block has one entry; a thread four channels of a head at a time (headDim % 4 == 0).
extern "C" __global__ void __launch_bounds__(256) dual_batch(float* state, size_t slotFloats, size_t ssmAt, const float* a, const float* d,
                                                             const float* dtBias, float dtMin, float dtMax, const u16* conv, int convStride,
                                                             const float* dtRaw, int dtStride, const u16* z, int zStride, const float* weight,
                                                             float eps, u16* y, int yStride, int channels, int n, int headDim, int heads,
                                                             int groups, const int* slots, const int* count) {
  extern __shared__ __align__(16) float kept[];  // y (channels), B and C (2 groups n)
  __shared__ float part[32];
  const int i = blockIdx.x;
  if (i >= *count) return;
  float* bc = kept + channels;
  const u16* row = conv + (size_t)i * convStride;
  for (int k = threadIdx.x; k < 2 * groups * n; k += blockDim.x) bc[k] = float_of(row[channels + k]);
  __syncthreads();
  float squares = 0;
  for (int q = threadIdx.x; q < channels / 4; q += blockDim.x) {
    const int c = 4 * q, head = c / headDim;
    const float dt = fminf(fmaxf(softplus(dtRaw[(size_t)i * dtStride + head] + dtBias[head]), dtMin), dtMax);
    const float decay = expf(dt * a[head]);
    float4* h = (float4*)(state + slots[i] * slotFloats + ssmAt + (size_t)head * n * headDim + c % headDim);
    const float* b = bc + head / (heads / groups) * n;
    const float* cc = b + groups * n;
    const uint2 xs = *(const uint2*)(row + c), zs = *(const uint2*)(z + (size_t)i * zStride + c);
    const float4 x = make_float4(float_of((u16)xs.x), float_of((u16)(xs.x >> 16)), float_of((u16)xs.y), float_of((u16)(xs.y >> 16)));
    float4 sum = make_float4(0, 0, 0, 0);
#pragma unroll 8
    for (int k = 0; k < n; k++) {
      float4 v = __ldcs(h + (size_t)k * headDim / 4);
      const float db = dt * b[k], ck = cc[k];
      v.x = fmaf(decay, v.x, db * x.x);
      v.y = fmaf(decay, v.y, db * x.y);
      v.z = fmaf(decay, v.z, db * x.z);
      v.w = fmaf(decay, v.w, db * x.w);
      __stcs(h + (size_t)k * headDim / 4, v);
      sum.x = fmaf(ck, v.x, sum.x);
      sum.y = fmaf(ck, v.y, sum.y);
      sum.z = fmaf(ck, v.z, sum.z);
      sum.w = fmaf(ck, v.w, sum.w);
    }
    const float dd = d[head];
    sum.x = fmaf(dd, x.x, sum.x) * silu(float_of((u16)zs.x));
    sum.y = fmaf(dd, x.y, sum.y) * silu(float_of((u16)(zs.x >> 16)));
    sum.z = fmaf(dd, x.z, sum.z) * silu(float_of((u16)zs.y));
    sum.w = fmaf(dd, x.w, sum.w) * silu(float_of((u16)(zs.y >> 16)));
    *(float4*)(kept + c) = sum;
    squares += sum.x * sum.x + sum.y * sum.y + sum.z * sum.z + sum.w * sum.w;
  }
  const float scale = 1.0f / sqrtf(block_sum(squares, part) / channels + eps);
  for (int c = 2 * threadIdx.x; c < channels; c += 2 * blockDim.x)
    *(u32*)(y + (size_t)i * yStride + c) = two_halves(weight[c] * (kept[c] * scale), weight[c + 1] * (kept[c + 1] * scale));
}
