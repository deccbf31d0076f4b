// One step of many streams: projections on tensor cores, everything else fused around them.
//
// Weights and activations are float16, sums float32. Every row of weights is scaled by a power of two (int8: as it is), so that bfloat16 and
// int8 weights are kept exactly; float32 ones may come as two parts, high and low. Weights lie in the order in which the tensor cores want
// them: a thread loads 16 bytes, a warp 8 rows of 32 columns. A row of results is summed in an order that depends on the kernel alone, never
// on how many entries there are. Entries, slots and states are as in step.cu.
#include "project.cuh"

// ---- packing, once at open

template <typename T>
__device__ __forceinline__ float weight(T w) {
  if constexpr (sizeof(T) == 2) return bf16(w);
  else return (float)w;
}

// One block a row. packed: (ceil(rows / 8), cols32 / 32, 32 lanes, 8 halves), `parts` times; scale (rows).
template <typename T>
__device__ void pack(const T* w, const float* rowScale, int rows, int cols, int parts, u16* packed, float* scale, int* inexact) {
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
    const float rest = v - float_of(half_of(v));
    if (parts > 1) packed[part + at] = half_of(rest);
    if (rest != 0.0f) *inexact = 1;
  }
}
extern "C" __global__ void pack_f32(const float* w, const float* s, int rows, int cols, int parts, u16* packed, float* scale, int* inexact) { pack(w, s, rows, cols, parts, packed, scale, inexact); }
extern "C" __global__ void pack_bf16(const u16* w, const float* s, int rows, int cols, int parts, u16* packed, float* scale, int* inexact) { pack(w, s, rows, cols, parts, packed, scale, inexact); }
extern "C" __global__ void pack_i8(const signed char* w, const float* s, int rows, int cols, int parts, u16* packed, float* scale, int* inexact) { pack(w, s, rows, cols, parts, packed, scale, inexact); }

// ---- the projections

// name_ENTRIESxROWS
#define FEW(name, E, MT, NT, BM, BN)                                                                                                       \
  extern "C" __global__ void __launch_bounds__(256, 1) name##_few_##BM##x##BN(PROJECTION, const E e) {                                     \
    static_assert(16 * MT == BM && 8 * NT == BN, "name");                                                                                  \
    project_few<MT, NT, E>(PASSED, e);                                                                                                     \
  }
#define MANY(name, E, MT, NT, WM, WN, STAGES, BLOCKS, BM, BN)                                                                              \
  extern "C" __global__ void __launch_bounds__(32 * WM * WN, BLOCKS) name##_many_##BM##x##BN(PROJECTION, const E e) {                      \
    static_assert(16 * MT * WM == BM && 8 * NT * WN == BN, "name");                                                                        \
    project_many<MT, NT, WM, WN, STAGES, E>(PASSED, e);                                                                                    \
  }
FEW(convolve, Convolve, 4, 3, 64, 24)
FEW(convolve, Convolve, 2, 3, 32, 24)
FEW(store, Store, 2, 2, 32, 16)
FEW(store, Store, 2, 5, 32, 40)
FEW(add, Add, 2, 2, 32, 16)
MANY(convolve, Convolve, 2, 8, 2, 2, 4, 2, 64, 128)
MANY(convolve, Convolve, 4, 8, 2, 2, 3, 2, 128, 128)
MANY(store, Store, 2, 4, 2, 2, 4, 2, 64, 64)
MANY(store, Store, 4, 8, 2, 2, 3, 2, 128, 128)
MANY(add, Add, 2, 4, 2, 2, 4, 2, 64, 64)
MANY(add, Add, 4, 8, 2, 2, 3, 2, 128, 128)

// ---- between the projections

// y = half(weight * x / rms(x)); base, if it is there: 1 / rms(x). A warp an entry.
extern "C" __global__ void norm_half(const float* x, const float* weight, float eps, u16* y, int n, int stride, const int* count, float* base) {
  const int i = blockIdx.x * (blockDim.x >> 5) + (threadIdx.x >> 5), lane = threadIdx.x & 31;
  if (i >= *count) return;
  const float* v = x + (size_t)i * n;
  float squares = 0;
  for (int k = lane * 2; k < n; k += 64) {
    const float2 a = *(const float2*)(v + k);
    squares = fmaf(a.x, a.x, fmaf(a.y, a.y, squares));
  }
  const float scale = 1.0f / sqrtf(warp_sum(squares) / n + eps);
  if (base && lane == 0) base[i] = scale;
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

// Mamba-1: dt_proj, softplus, the state, the gate, for any number n of states. A thread has one channel of four entries, one after the other.
// dtW (dtRank, channels).
extern "C" __global__ void __launch_bounds__(128) selective_any(float* state, size_t slotFloats, size_t ssmAt, const float* a, const float* d,
                                                                const float* dtW, const float* dtBias, const u16* x, int xStride,
                                                                const float* bc, int bcStride, int dtRank, const u16* z, int zStride, u16* y,
                                                                int yStride, int channels, int n, const int* slots, const int* count) {
  constexpr int S = 4;
  extern __shared__ __align__(16) float row[];  // (S, bcStride)
  const int c = blockIdx.x * blockDim.x + threadIdx.x, i0 = blockIdx.y * S, all = *count;
  if (i0 >= all) return;
  for (int k = threadIdx.x; k < S * bcStride; k += blockDim.x) row[k] = i0 + k / bcStride < all ? bc[(size_t)i0 * bcStride + k] : 0.0f;
  __syncthreads();
  if (c >= channels) return;
  float dt[S];
#pragma unroll
  for (int s = 0; s < S; s++) dt[s] = dtBias[c];
  for (int r = 0; r < dtRank; r++) {
    const float w = dtW[(size_t)r * channels + c];
#pragma unroll
    for (int s = 0; s < S; s++) dt[s] = fmaf(w, row[s * bcStride + r], dt[s]);
  }
#pragma unroll
  for (int s = 0; s < S; s++) {
    const int i = i0 + s;
    if (i >= all) return;
    float* h = state + slots[i] * slotFloats + ssmAt + c;
    const float* b = row + s * bcStride + dtRank;
    const float u = float_of(x[(size_t)i * xStride + c]), zz = float_of(z[(size_t)i * zStride + c]), t = softplus(dt[s]), tu = t * u;
    float sum = 0;
    for (int k = 0; k < n; k++) {
      const float v = fmaf(exp2_fast(t * a[(size_t)k * channels + c] * LOG2E), h[(size_t)k * channels], tu * b[k]);
      h[(size_t)k * channels] = v;
      sum = fmaf(b[n + k], v, sum);
    }
    y[(size_t)i * yStride + c] = half_of(fmaf(d[c], u, sum) * silu(zz));
  }
}

// softplus with the fast functions; below 1/32 as a series, so that small steps keep their digits.
__device__ __forceinline__ float softplus_fast(float x) {
  const float e = exp2_fast(-fabsf(x) * LOG2E);
  float l;
  asm("lg2.approx.ftz.f32 %0, %1;" : "=f"(l) : "f"(1.0f + e));
  const float series = e * (1.0f - e * (0.5f - e * (0.33333333f - e * 0.25f)));
  return fmaxf(x, 0.0f) + (e < 0.03125f ? series : l * 0.69314718f);
}

// The same for 16 states: a thread has four channels of E entries, 16 bytes a load; LANES threads side by side are neighbours.
template <int LANES, int E>
__device__ __forceinline__ void selective_quads(float* state, size_t slotFloats, size_t ssmAt, const float* a, const float* d, const float* dtW,
                                                const float* dtBias, const u16* x, int xStride, const float* bc, int bcStride, int dtRank,
                                                const u16* z, int zStride, u16* y, int yStride, int channels, const int* slots, const int* count) {
  constexpr int N = 16, R = 128 / LANES, S = R * E, WIDTH = 4 * LANES;
  extern __shared__ __align__(16) float kept[];  // A (N, WIDTH), B and C (S, 2 N), dt (S, dtRank)
  float* bcs = kept + N * WIDTH;
  float* dts = bcs + S * 2 * N;
  const int lane = threadIdx.x % LANES, sub = threadIdx.x / LANES, c0 = blockIdx.x * WIDTH, c = c0 + 4 * lane;
  const int i0 = blockIdx.y * S, all = *count;
  if (i0 >= all) return;
  const bool mine = c < channels;
  float4 v[N];
  auto load = [&](int i) {
    if (mine && i < all) {
      const float* h = state + slots[i] * slotFloats + ssmAt + c;
#pragma unroll
      for (int k = 0; k < N; k++) v[k] = __ldcs((const float4*)(h + (size_t)k * channels));
    }
  };
  load(i0 + sub);
  for (int k = threadIdx.x; k < N * LANES; k += 128) {
    const int at = c0 + k % LANES * 4;
    if (at < channels) {
      const float4 v = *(const float4*)(a + (size_t)(k / LANES) * channels + at);
      *(float4*)(kept + k * 4) = make_float4(v.x * LOG2E, v.y * LOG2E, v.z * LOG2E, v.w * LOG2E);
    }
  }
  const int width = dtRank + 2 * N;
  for (int k = threadIdx.x; k < S * width; k += 128) {
    const int s = k / width, j = k % width;
    const float v = i0 + s < all ? bc[(size_t)(i0 + s) * bcStride + j] : 0.0f;
    if (j < dtRank) dts[s * dtRank + j] = v;
    else bcs[s * 2 * N + j - dtRank] = v;
  }
  __syncthreads();
  if (!mine) return;
  float4 dt[E];
#pragma unroll
  for (int e = 0; e < E; e++) dt[e] = *(const float4*)(dtBias + c);
#pragma unroll 8
  for (int r = 0; r < dtRank; r++) {
    const float4 w = __ldg((const float4*)(dtW + (size_t)r * channels + c));
#pragma unroll
    for (int e = 0; e < E; e++) {
      const float f = dts[(sub + e * R) * dtRank + r];
      dt[e] = fma4(w, make_float4(f, f, f, f), dt[e]);
    }
  }
  const float4 dd = *(const float4*)(d + c);
#pragma unroll
  for (int e = 0; e < E; e++) {
    const int s = sub + e * R, i = i0 + s;
    if (i >= all) return;
    if (e > 0) load(i);
    float4* h = (float4*)(state + slots[i] * slotFloats + ssmAt + c);
    const uint2 xs = *(const uint2*)(x + (size_t)i * xStride + c), zs = *(const uint2*)(z + (size_t)i * zStride + c);
    const float4 u = make_float4(float_of((u16)xs.x), float_of((u16)(xs.x >> 16)), float_of((u16)xs.y), float_of((u16)(xs.y >> 16)));
    const float4 t = make_float4(softplus_fast(dt[e].x), softplus_fast(dt[e].y), softplus_fast(dt[e].z), softplus_fast(dt[e].w));
    const float4 tu = make_float4(t.x * u.x, t.y * u.y, t.z * u.z, t.w * u.w);
    float4 sum = make_float4(dd.x * u.x, dd.y * u.y, dd.z * u.z, dd.w * u.w);
#pragma unroll
    for (int q = 0; q < N / 4; q++) {
      const float4 b4 = *(const float4*)(bcs + s * 2 * N + 4 * q), c4 = *(const float4*)(bcs + s * 2 * N + N + 4 * q);
      const float b[4] = {b4.x, b4.y, b4.z, b4.w}, cc[4] = {c4.x, c4.y, c4.z, c4.w};
#pragma unroll
      for (int o = 0; o < 4; o++) {
        const int k = 4 * q + o;
        const float4 aa = *(const float4*)(kept + k * WIDTH + 4 * lane);
        float4 w = v[k];
        w.x = fmaf(exp2_fast(t.x * aa.x), w.x, tu.x * b[o]);
        w.y = fmaf(exp2_fast(t.y * aa.y), w.y, tu.y * b[o]);
        w.z = fmaf(exp2_fast(t.z * aa.z), w.z, tu.z * b[o]);
        w.w = fmaf(exp2_fast(t.w * aa.w), w.w, tu.w * b[o]);
        __stcs(h + (size_t)k * (channels / 4), w);
        sum = fma4(make_float4(cc[o], cc[o], cc[o], cc[o]), w, sum);
      }
    }
    const float zz[4] = {float_of((u16)zs.x), float_of((u16)(zs.x >> 16)), float_of((u16)zs.y), float_of((u16)(zs.y >> 16))};
    *(uint2*)(y + (size_t)i * yStride + c) =
        four_halves(make_float4(sum.x * silu_fast(zz[0]), sum.y * silu_fast(zz[1]), sum.z * silu_fast(zz[2]), sum.w * silu_fast(zz[3])));
  }
}
#define QUADS(LANES, E)                                                                                                                    \
  extern "C" __global__ void __launch_bounds__(128, 4) quads_##LANES##_##E(float* state, size_t slotFloats, size_t ssmAt, const float* a, \
      const float* d, const float* dtW, const float* dtBias, const u16* x, int xStride, const float* bc, int bcStride, int dtRank,         \
      const u16* z, int zStride, u16* y, int yStride, int channels, int n, const int* slots, const int* count) {                           \
    selective_quads<LANES, E>(state, slotFloats, ssmAt, a, d, dtW, dtBias, x, xStride, bc, bcStride, dtRank, z, zStride, y, yStride,       \
                              channels, slots, count);                                                                                     \
  }
QUADS(32, 1)
QUADS(32, 2)

// Mamba-2: the state, the gate, the gated norm. A block has one entry; a thread four channels of a head at a time (headDim % 4 == 0).
extern "C" __global__ void __launch_bounds__(256) dual_batch(float* state, size_t slotFloats, size_t ssmAt, const float* a, const float* d,
                                                             const float* dtBias, float dtMin, float dtMax, const u16* conv, int convStride,
                                                             const float* dtRaw, int dtStride, const u16* z, int zStride, const float* weight,
                                                             float eps, u16* y, int yStride, int channels, int n, int headDim, int heads,
                                                             int groups, const int* slots, const int* count) {
  extern __shared__ __align__(16) float gated[];  // y (channels), B and C (2 groups n)
  __shared__ float part[32];
  const int i = blockIdx.x;
  if (i >= *count) return;
  float* bc = gated + channels;
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
    *(float4*)(gated + c) = sum;
    squares += sum.x * sum.x + sum.y * sum.y + sum.z * sum.z + sum.w * sum.w;
  }
  const float scale = 1.0f / sqrtf(block_sum(squares, part) / channels + eps);
  for (int c = 2 * threadIdx.x; c < channels; c += 2 * blockDim.x)
    *(u32*)(y + (size_t)i * yStride + c) = two_halves(weight[c] * (gated[c] * scale), weight[c + 1] * (gated[c + 1] * scale));
}
