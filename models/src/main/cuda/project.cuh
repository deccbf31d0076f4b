// Projections of batch.cu on tensor cores: what goes in, the multiplication, what is done with the results.
#pragma once
#include "common.cuh"

// ---- what a projection does with four results: entry i, rows n to n + 3 (n % 4 == 0), of which only those below `rows` count

__device__ __forceinline__ float4 plus(float4 a, float4 b) { return make_float4(a.x + b.x, a.y + b.y, a.z + b.z, a.w + b.w); }
__device__ __forceinline__ uint2 four_halves(float4 v) { return make_uint2(two_halves(v.x, v.y), two_halves(v.z, v.w)); }
__device__ __forceinline__ float4 fma4(float4 a, float4 b, float4 c) {
  return make_float4(fmaf(a.x, b.x, c.x), fmaf(a.y, b.y, c.y), fmaf(a.z, b.z, c.z), fmaf(a.w, b.w, c.w));
}
__device__ __forceinline__ float silu_fast(float x) { return __fdividef(x, 1.0f + exp2_fast(-x * LOG2E)); }

struct Store {  // out[i] = v + bias, float32
  static constexpr bool SQUARES = false;
  float* out;
  int stride, rows;
  const float* bias;
  __device__ __forceinline__ float operator()(int i, int n, float4 v) const {
    float* y = out + (size_t)i * stride + n;
    const float a[4] = {v.x, v.y, v.z, v.w};
    if (n + 3 < rows && stride % 4 == 0 && !bias) {
      *(float4*)y = v;
    } else {
#pragma unroll
      for (int k = 0; k < 4; k++)
        if (n + k < rows) y[k] = a[k] + (bias ? bias[n + k] : 0.0f);
    }
    return 0;
  }
};
struct Add {  // x[i] += v + bias, float32; if wanted, what the next norm needs: half(weight * x * base) and the squares of x * base
  static constexpr bool SQUARES = true;
  float* x;
  int stride;
  const float* bias;
  const float *weight, *base;
  u16* u;
  int uStride;
  __device__ __forceinline__ float operator()(int i, int n, float4 v) const {
    float4* y = (float4*)(x + (size_t)i * stride + n);
    v = plus(v, *y);
    if (bias) v = plus(v, *(const float4*)(bias + n));
    *y = v;
    if (!u) return 0;
    const float s = base[i];
    v = make_float4(v.x * s, v.y * s, v.z * s, v.w * s);
    const float4 w = *(const float4*)(weight + n);
    *(uint2*)(u + (size_t)i * uStride + n) = four_halves(make_float4(w.x * v.x, w.y * v.y, w.z * v.z, w.w * v.w));
    return fmaf(v.x, v.x, fmaf(v.y, v.y, fmaf(v.z, v.z, v.w * v.w)));
  }
};
struct Convolve {  // rows from convFrom to convTo go through the causal convolution and silu, those behind are dt, the others z
  static constexpr bool SQUARES = false;
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
  __device__ __forceinline__ float operator()(int i, int n, float4 v) const {
    if (bias) {
      v.x += bias[n];
      v.y += n + 1 < rows ? bias[n + 1] : 0.0f;
      v.z += n + 2 < rows ? bias[n + 2] : 0.0f;
      v.w += n + 3 < rows ? bias[n + 3] : 0.0f;
    }
    if (n >= convFrom && n < convTo) {
      const int c = n - convFrom, channels = convTo - convFrom;
      float* s = state + slots[i] * slotFloats + convAt + c;
      float4 p = convBias ? *(const float4*)(convBias + c) : make_float4(0, 0, 0, 0);
      if (taps == 4) {  // the usual: all loads before a store, so that they do not wait for each other
        float4 before[3];
#pragma unroll
        for (int k = 0; k < 3; k++) before[k] = *(const float4*)(s + (size_t)k * channels);
#pragma unroll
        for (int k = 0; k < 3; k++) p = fma4(*(const float4*)(weight + k * channels + c), before[k], p);
#pragma unroll
        for (int k = 1; k < 3; k++) *(float4*)(s + (size_t)(k - 1) * channels) = before[k];
      } else {
        for (int k = 0; k < taps - 1; k++) {
          const float4 before = *(const float4*)(s + (size_t)k * channels);
          p = fma4(*(const float4*)(weight + k * channels + c), before, p);
          if (k > 0) *(float4*)(s + (size_t)(k - 1) * channels) = before;
        }
      }
      p = fma4(*(const float4*)(weight + (taps - 1) * channels + c), v, p);
      if (taps > 1) *(float4*)(s + (size_t)(taps - 2) * channels) = v;
      *(uint2*)(conv + (size_t)i * convStride + c) = four_halves(make_float4(silu_fast(p.x), silu_fast(p.y), silu_fast(p.z), silu_fast(p.w)));
    } else if (n >= convTo && zFrom < convFrom) {  // Mamba-2: dt
      float* to = dt + (size_t)i * dtStride + n - convTo;
      to[0] = v.x;
      if (n + 1 < rows) to[1] = v.y;
      if (n + 2 < rows) to[2] = v.z;
      if (n + 3 < rows) to[3] = v.w;
    } else {
      *(uint2*)(z + (size_t)i * zStride + n - zFrom) = four_halves(v);
    }
    return 0;
  }
};

// ---- the norm before a projection: its inputs are weight * x * base[i], and the squares of x * base[i] come in parts from whoever wrote them

struct Norm {
  const float* squares;  // (entries, stride), `parts` of them each; or null: base[i] was the norm itself
  int parts, stride;
  const float* base;
  float* next;  // the norm that is now known, a base for the next
  float width, eps;
};
// factor[m] = what entry i0 + m's results have to be multiplied by. All threads.
template <int BM, int THREADS>
__device__ __forceinline__ void norm_factors(const Norm& norm, int i0, int n, float* factor) {
  constexpr int EACH = THREADS / BM;  // threads of an entry
  if (!norm.base) {
    for (int m = threadIdx.x; m < BM; m += THREADS) factor[m] = 1.0f;
    return;
  }
  const int m = threadIdx.x / EACH, part = threadIdx.x % EACH, i = min(i0 + m, n - 1);
  float sum = 0;
  if (norm.squares)
    for (int k = part; k < norm.parts; k += EACH) sum += norm.squares[(size_t)i * norm.stride + k];
#pragma unroll
  for (int k = EACH / 2; k > 0; k >>= 1) sum += __shfl_xor_sync(0xFFFFFFFFu, sum, k);
  if (part == 0) {
    const float base = norm.base[i], f = norm.squares ? 1.0f / sqrtf(fmaf(norm.eps * base, base, sum / norm.width)) : 1.0f;
    factor[m] = f;
    if (blockIdx.y == 0 && i0 + m < n && norm.next) norm.next[i] = base * f;
  }
}

// ---- the projection

__device__ __forceinline__ void copy16(u32 to, const void* from) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(from) : "memory");
}
__device__ __forceinline__ void commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
template <int N>
__device__ __forceinline__ void arrived() {
  asm volatile("cp.async.wait_group %0;" ::"n"(N) : "memory");
}
__device__ __forceinline__ void matrices(u32 (&a)[4], u32 at) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];" : "=r"(a[0]), "=r"(a[1]), "=r"(a[2]), "=r"(a[3]) : "r"(at));
}
__device__ __forceinline__ void multiply(float (&c)[4], const u32 (&a)[4], u32 b0, u32 b1) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
               : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// A slice of 32 columns: MT x NT tiles of 16 entries by 8 rows. `from`: the slice's entries in shared memory, from the warp's first on.
template <int MT, int NT>
__device__ __forceinline__ void multiply_slice(float (&c)[MT][NT][4], u32 from, int firstRow, const uint4 (&b)[NT]) {
  const int lane = threadIdx.x & 31;
#pragma unroll
  for (int half = 0; half < 2; half++) {
    u32 a[MT][4];
#pragma unroll
    for (int t = 0; t < MT; t++) {
      const int row = firstRow + t * 16 + (lane & 15), unit = half * 2 + (lane >> 4);
      matrices(a[t], from + row * 64 + ((unit ^ (row >> 1 & 3)) << 4));
    }
#pragma unroll
    for (int u = 0; u < MT; u++)
#pragma unroll
      for (int t = 0; t < NT; t++) multiply(c[u][t], a[u], half ? b[t].z : b[t].x, half ? b[t].w : b[t].y);
  }
}

// Results of KS groups of warps through shared memory, so that they go out in rows of 16 bytes a lane.
template <int MT, int NT, int WM, int WN, int KS, typename E>
__device__ __forceinline__ void finish(float (&c)[MT][NT][4], u8* shared, const float* factor, int wm, int wn, int group, int i0, int r0, int n,
                                       int rows, const float* scale, float* squares, int squaresStride, const E& done) {
  constexpr int BM = 16 * MT * WM, BN = 8 * NT * WN, THREADS = 32 * WM * WN * KS, LD = (BN + 31) / 32 * 32 + 8;
  const int lane = threadIdx.x & 31;
  float* sums = (float*)shared;  // (KS, BM, LD)
#pragma unroll
  for (int u = 0; u < MT; u++)
#pragma unroll
    for (int t = 0; t < NT; t++) {
      float* to = sums + (group * BM + (wm * MT + u) * 16 + lane / 4) * LD + (wn * NT + t) * 8 + lane % 4 * 2;
      *(float2*)to = make_float2(c[u][t][0], c[u][t][1]);
      *(float2*)(to + 8 * LD) = make_float2(c[u][t][2], c[u][t][3]);
    }
  __syncthreads();
  constexpr int QUADS = BN / 4;
#pragma unroll 2
  for (int k = threadIdx.x; k < BM * QUADS; k += THREADS) {
    const int m = k / QUADS, q = k % QUADS * 4, r = r0 + q, i = i0 + m;
    float square = 0;
    if (i < n && r < rows) {
      float4 v = *(const float4*)(sums + m * LD + q);
#pragma unroll
      for (int g = 1; g < KS; g++) v = plus(v, *(const float4*)(sums + (g * BM + m) * LD + q));
      const float4 p = *(const float4*)(scale + r);
      const float f = factor[m];
      square = done(i, r, make_float4(v.x * (p.x * f), v.y * (p.y * f), v.z * (p.z * f), v.w * (p.w * f)));
    }
    if constexpr (E::SQUARES) {
      if (squares) {
        static_assert((QUADS & (QUADS - 1)) == 0 && QUADS <= 32, "lanes of a row");
#pragma unroll
        for (int x = QUADS / 2; x > 0; x >>= 1) square += __shfl_xor_sync(0xFFFFFFFFu, square, x);
        if (k % QUADS == 0 && i < n) squares[(size_t)i * squaresStride + blockIdx.y] = square;
      }
    }
  }
}

#define PROJECTION                                                                                                                         \
  const u16 *in, int stride, const int *count, const uint4 *w, const float *scale, int pairs, int parts, int rows, const Norm norm,       \
      float *squares, int squaresStride
#define PASSED in, stride, count, w, scale, pairs, parts, rows, norm, squares, squaresStride

// Few entries: 16 MT entries by 8 NT rows a block; 8 warps share the columns, and everything a warp needs is asked for at once.
// in: (entries, stride halves), zeros up to a multiple of 32 columns.
template <int MT, int NT, typename E>
__device__ __forceinline__ void project_few(PROJECTION, const E& done) {
  constexpr int KS = 8, BM = 16 * MT, THREADS = 32 * KS, SLICES = 2 * KS, STAGES = 3;  // a chunk: so many slices of 32 columns
  constexpr int SLICE_BYTES = BM * 64, STAGE_BYTES = SLICES * SLICE_BYTES;
  extern __shared__ __align__(16) u8 shared[];
  __shared__ float factor[BM];
  const u32 base = (u32)__cvta_generic_to_shared(shared);
  const int n = *count, i0 = blockIdx.x * BM, r0 = blockIdx.y * 8 * NT;
  if (i0 >= n) return;
  const int lane = threadIdx.x & 31, group = threadIdx.x >> 5;
  const int slices = pairs * parts, chunks = (slices + SLICES - 1) / SLICES, tiles = (rows + 7) / 8;
  auto fetch = [&](int chunk) {
    if (chunk < chunks) {
      const u32 to = base + chunk % STAGES * STAGE_BYTES;
      for (int k = threadIdx.x; k < SLICES * BM * 4; k += THREADS) {
        const int unit = k & 3, j = k / 4 % 2 + k / (8 * BM) * 2, row = k / 8 % BM, s = chunk * SLICES + j;
        if (s < slices)
          copy16(to + j * SLICE_BYTES + row * 64 + ((unit ^ (row >> 1 & 3)) << 4), in + (size_t)min(i0 + row, n - 1) * stride + s % pairs * 32 + unit * 8);
      }
    }
    commit();
  };
  const size_t part = (size_t)tiles * pairs * 32;
  auto weights = [&](uint4 (&b)[2][NT], int chunk) {
#pragma unroll
    for (int j = 0; j < 2; j++) {
      const int s = chunk * SLICES + j * KS + group;
      if (s < slices) {
#pragma unroll
        for (int t = 0; t < NT; t++)
          b[j][t] = __ldg(w + (size_t)(s / pairs) * part + ((size_t)min(r0 / 8 + t, tiles - 1) * pairs + s % pairs) * 32 + lane);
      }
    }
  };
  float c[MT][NT][4] = {};
  uint4 b[2][NT], next[2][NT];
  weights(b, 0);
  weights(next, 1);
  fetch(0);
  fetch(1);
  norm_factors<BM, THREADS>(norm, i0, n, factor);
  for (int chunk = 0; chunk < chunks; chunk++) {
    arrived<1>();
    __syncthreads();
    fetch(chunk + 2);
#pragma unroll
    for (int j = 0; j < 2; j++)
      if (chunk * SLICES + j * KS + group < slices)
        multiply_slice<MT, NT>(c, base + chunk % STAGES * STAGE_BYTES + (j * KS + group) * SLICE_BYTES, 0, b[j]);
#pragma unroll
    for (int j = 0; j < 2; j++)
#pragma unroll
      for (int t = 0; t < NT; t++) b[j][t] = next[j][t];
    weights(next, chunk + 2);
  }
  arrived<0>();
  __syncthreads();
  finish<MT, NT, 1, 1, KS, E>(c, shared, factor, 0, 0, group, i0, r0, n, rows, scale, squares, squaresStride, done);
}

// Many entries: 16 MT WM entries by 8 NT WN rows a block, in chunks of 64 columns.
template <int MT, int NT, int WM, int WN, int STAGES, typename E>
__device__ __forceinline__ void project_many(PROJECTION, const E& done) {
  constexpr int BM = 16 * MT * WM, BN = 8 * NT * WN, THREADS = 32 * WM * WN;
  constexpr int IN_BYTES = BM * 64, SLICE_BYTES = IN_BYTES + BN * 64, STAGE_BYTES = 2 * SLICE_BYTES;
  extern __shared__ __align__(16) u8 shared[];
  __shared__ float factor[BM];
  const u32 base = (u32)__cvta_generic_to_shared(shared);
  const int n = *count, i0 = blockIdx.x * BM, r0 = blockIdx.y * BN;
  if (i0 >= n) return;
  const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5, wm = warp % WM, wn = warp / WM;
  const int slices = pairs * parts, chunks = (slices + 1) / 2, tiles = (rows + 7) / 8;
  const size_t part = (size_t)tiles * pairs * 32;
  auto fetch = [&](int chunk) {
    if (chunk < chunks) {
      const u32 to = base + chunk % STAGES * STAGE_BYTES;
#pragma unroll 4
      for (int k = threadIdx.x; k < BM * 8; k += THREADS) {
        const int unit = k & 3, j = k / 4 % 2, row = k / 8, s = chunk * 2 + j;
        if (s < slices)
          copy16(to + j * SLICE_BYTES + row * 64 + ((unit ^ (row >> 1 & 3)) << 4), in + (size_t)min(i0 + row, n - 1) * stride + s % pairs * 32 + unit * 8);
      }
#pragma unroll 4
      for (int k = threadIdx.x; k < BN * 8; k += THREADS) {
        const int unit = k & 31, j = k / 32 % 2, tile = k / 64, s = chunk * 2 + j;
        if (s < slices)
          copy16(to + j * SLICE_BYTES + IN_BYTES + tile * 512 + unit * 16,
                 w + (size_t)(s / pairs) * part + ((size_t)min(r0 / 8 + tile, tiles - 1) * pairs + s % pairs) * 32 + unit);
      }
    }
    commit();
  };
  for (int k = 0; k < STAGES - 1; k++) fetch(k);
  norm_factors<BM, THREADS>(norm, i0, n, factor);
  float c[MT][NT][4] = {};
  for (int chunk = 0; chunk < chunks; chunk++) {
    arrived<STAGES - 2>();
    __syncthreads();
    fetch(chunk + STAGES - 1);
#pragma unroll
    for (int j = 0; j < 2; j++) {
      if (chunk * 2 + j < slices) {
        const u32 at = chunk % STAGES * STAGE_BYTES + j * SLICE_BYTES;
        uint4 b[NT];
#pragma unroll
        for (int t = 0; t < NT; t++) b[t] = *(const uint4*)(shared + at + IN_BYTES + (wn * NT + t) * 512 + lane * 16);
        multiply_slice<MT, NT>(c, base + at, wm * MT * 16, b);
      }
    }
  }
  arrived<0>();
  __syncthreads();
  finish<MT, NT, WM, WN, 1, E>(c, shared, factor, wm, wn, 0, i0, r0, n, rows, scale, squares, squaresStride, done);
}
