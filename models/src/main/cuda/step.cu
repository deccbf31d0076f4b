// One step of many streams, every weight type, all arithmetic in float32: what CPU sessions compute, in the same words.
//
// Rows of work ("entries") are packed: entry i belongs to slot slots[i]; *count says how many there are, so that one captured graph serves
// any number up to its grid. Nothing is summed across entries and no order of summation depends on *count: a stream's result does not
// depend on who else is there. State of a slot: as Session keeps it, at state + slot * slotFloats.
#include "common.cuh"

// x = row of the embedding table. tokens[i] is in range: the host checked it.
template <typename T>
__device__ __forceinline__ float element(const T* w, const float* scale, int row, int cols, int c);
template <>
__device__ __forceinline__ float element(const float* w, const float*, int row, int cols, int c) {
  return w[(size_t)row * cols + c];
}
template <>
__device__ __forceinline__ float element(const u16* w, const float*, int row, int cols, int c) {
  return bf16(w[(size_t)row * cols + c]);
}
template <>
__device__ __forceinline__ float element(const signed char* w, const float* scale, int row, int cols, int c) {
  return w[(size_t)row * cols + c] * scale[row];
}

template <typename T>
__device__ void embed(const T* w, const float* scale, const int* tokens, float* x, int cols, const int* count) {
  const int i = blockIdx.x;
  if (i >= *count) return;
  for (int c = threadIdx.x; c < cols; c += blockDim.x) x[(size_t)i * cols + c] = element<T>(w, scale, tokens[i], cols, c);
}
extern "C" __global__ void embed_f32(const float* w, const float* s, const int* t, float* x, int cols, const int* n) { embed(w, s, t, x, cols, n); }
extern "C" __global__ void embed_bf16(const u16* w, const float* s, const int* t, float* x, int cols, const int* n) { embed(w, s, t, x, cols, n); }
extern "C" __global__ void embed_i8(const signed char* w, const float* s, const int* t, float* x, int cols, const int* n) { embed(w, s, t, x, cols, n); }

// Moves the window of every entry on by one frame, kept normalised: (frame - mean) * scale. One block an entry; the window in shared memory.
extern "C" __global__ void push_frames(float* state, size_t slotFloats, size_t windowAt, int windowFloats, int nMels, const float* mean,
                                       const float* scale, const float* frames, const int* slots, const int* count) {
  extern __shared__ float window[];
  const int i = blockIdx.x;
  if (i >= *count) return;
  float* w = state + slots[i] * slotFloats + windowAt;
  const int kept = windowFloats - nMels;
  for (int k = threadIdx.x; k < kept; k += blockDim.x) window[k] = w[k + nMels];
  for (int k = threadIdx.x; k < nMels; k += blockDim.x) window[kept + k] = (frames[(size_t)i * nMels + k] - mean[k]) * scale[k];
  __syncthreads();
  for (int k = threadIdx.x; k < windowFloats; k += blockDim.x) w[k] = window[k];
}

extern "C" __global__ void clear_slot(float* state, size_t slotFloats, int slot) {
  float* s = state + slot * slotFloats;
  for (size_t k = blockIdx.x * blockDim.x + threadIdx.x; k < slotFloats; k += (size_t)gridDim.x * blockDim.x) s[k] = 0.0f;
}

// y = weight * x / sqrt(mean(x^2) + eps). One block an entry.
extern "C" __global__ void rms_norm(const float* x, const float* weight, float eps, float* y, int n, const int* count) {
  __shared__ float part[32];
  const size_t at = (size_t)blockIdx.x * n;
  if ((int)blockIdx.x >= *count) return;
  float squares = 0;
  for (int k = threadIdx.x; k < n; k += blockDim.x) squares += x[at + k] * x[at + k];
  const float scale = 1.0f / sqrtf(block_sum(squares, part) / n + eps);
  for (int k = threadIdx.x; k < n; k += blockDim.x) y[at + k] = weight[k] * (x[at + k] * scale);
}

// Four weights of a row from element c on.
__device__ __forceinline__ float4 four(const float* w, size_t at) { return *(const float4*)(w + at); }
__device__ __forceinline__ float4 four(const u16* w, size_t at) {
  const uint2 v = *(const uint2*)(w + at);
  return make_float4(low_bf16(v.x), high_bf16(v.x), low_bf16(v.y), high_bf16(v.y));
}
__device__ __forceinline__ float4 four(const signed char* w, size_t at) {
  const char4 v = *(const char4*)(w + at);
  return make_float4(v.x, v.y, v.z, v.w);
}
__device__ __forceinline__ float one(const float* w, size_t at) { return w[at]; }
__device__ __forceinline__ float one(const u16* w, size_t at) { return bf16(w[at]); }
__device__ __forceinline__ float one(const signed char* w, size_t at) { return w[at]; }

constexpr int ENTRIES = 4;  // entries that share a weight once it is in a register

// out[i] = (add ? out[i] : 0) + bias + scale * W in[i]. A warp has one row and ENTRIES entries; its lanes stride over the columns.
// in: entry i at in + (inSlots ? inSlots[i] : i) * inStride. bias and scale may be null.
template <typename T>
__device__ void project(const T* w, const float* scale, const float* bias, const float* in, size_t inStride, const int* inSlots, float* out,
                        int outStride, int rows, int cols, int add, const int* count) {
  const int row = blockIdx.x * (blockDim.x >> 5) + (threadIdx.x >> 5), lane = threadIdx.x & 31;
  const int n = *count, first = blockIdx.y * ENTRIES;
  if (row >= rows || first >= n) return;
  const float* x[ENTRIES];
  float sum[ENTRIES];
#pragma unroll
  for (int e = 0; e < ENTRIES; e++) {
    const int i = min(first + e, n - 1);
    x[e] = in + (size_t)(inSlots ? inSlots[i] : i) * inStride;
    sum[e] = 0;
  }
  const size_t at = (size_t)row * cols;
  if ((cols & 3) == 0) {
    for (int c = lane * 4; c < cols; c += 128) {
      const float4 a = four(w, at + c);
#pragma unroll
      for (int e = 0; e < ENTRIES; e++) {
        const float4 b = *(const float4*)(x[e] + c);
        sum[e] = fmaf(a.x, b.x, fmaf(a.y, b.y, fmaf(a.z, b.z, fmaf(a.w, b.w, sum[e]))));
      }
    }
  } else {
    for (int c = lane; c < cols; c += 32) {
      const float a = one(w, at + c);
#pragma unroll
      for (int e = 0; e < ENTRIES; e++) sum[e] = fmaf(a, x[e][c], sum[e]);
    }
  }
#pragma unroll
  for (int e = 0; e < ENTRIES; e++) {
    const float total = warp_sum(sum[e]);
    if (lane == 0 && first + e < n) {
      float* y = out + (size_t)(first + e) * outStride + row;
      *y = (add ? *y : 0.0f) + (bias ? bias[row] : 0.0f) + (scale ? scale[row] : 1.0f) * total;
    }
  }
}
#define PROJECT(name, T)                                                                                                                   \
  extern "C" __global__ void __launch_bounds__(256) name(const T* w, const float* scale, const float* bias, const float* in,              \
                                                         size_t inStride, const int* inSlots, float* out, int outStride, int rows,       \
                                                         int cols, int add, const int* count) {                                           \
    project<T>(w, scale, bias, in, inStride, inSlots, out, outStride, rows, cols, add, count);                                             \
  }
PROJECT(project_f32, float)
PROJECT(project_bf16, u16)
PROJECT(project_i8, signed char)

// The causal convolution and silu; the state holds the taps - 1 inputs before, oldest first, and moves on. A thread has one channel of one
// entry. weight (taps, channels).
extern "C" __global__ void conv_step(float* state, size_t slotFloats, size_t convAt, const float* weight, const float* bias,
                                     const float* in, int inStride, int inAt, float* out, int channels, int taps, const int* slots,
                                     const int* count) {
  const int c = blockIdx.x * blockDim.x + threadIdx.x, i = blockIdx.y;
  if (c >= channels || i >= *count) return;
  float* s = state + slots[i] * slotFloats + convAt + c;
  float sum = bias ? bias[c] : 0.0f;
  for (int k = 0; k < taps - 1; k++) {
    const float v = s[(size_t)k * channels];
    sum = fmaf(weight[k * channels + c], v, sum);
    if (k > 0) s[(size_t)(k - 1) * channels] = v;
  }
  const float now = in[(size_t)i * inStride + inAt + c];
  sum = fmaf(weight[(taps - 1) * channels + c], now, sum);
  if (taps > 1) s[(size_t)(taps - 2) * channels] = now;
  out[(size_t)i * channels + c] = silu(sum);
}

// Mamba-1: h = exp(dt A) h + dt B x; y = (C h + D x) silu(z). A thread has one channel of one entry; h (N, channels).
// raw: dt_proj's output with its bias. bc: dt (dtRank), B (N), C (N) a row. y has `channels` a row, projected x then z.
extern "C" __global__ void selective_step(float* state, size_t slotFloats, size_t ssmAt, const float* a, const float* d, const float* raw,
                                          const float* x, const float* bc, int bcStride, int bAt, const float* projected, int projectedStride,
                                          float* y, int channels, int n, const int* slots, const int* count) {
  const int c = blockIdx.x * blockDim.x + threadIdx.x, i = blockIdx.y;
  if (c >= channels || i >= *count) return;
  float* h = state + slots[i] * slotFloats + ssmAt + c;
  const float* b = bc + (size_t)i * bcStride + bAt;
  const size_t at = (size_t)i * channels + c;
  const float dt = softplus(raw[at]), u = x[at];
  float sum = 0;
#pragma unroll 8
  for (int k = 0; k < n; k++) {
    const float next = fmaf(expf(dt * a[k * channels + c]), h[(size_t)k * channels], dt * b[k] * u);
    h[(size_t)k * channels] = next;
    sum = fmaf(b[n + k], next, sum);
  }
  const float z = projected[(size_t)i * projectedStride + channels + c];
  y[at] = fmaf(d[c], u, sum) * silu(z);
}

// Mamba-2: a head has one A. A thread has one channel p of one entry; h (heads, N, headDim). projected: z, x, B, C, dt; conv: x, B, C.
extern "C" __global__ void dual_step(float* state, size_t slotFloats, size_t ssmAt, const float* a, const float* d, const float* dtBias,
                                     float dtMin, float dtMax, const float* conv, int convStride, const float* projected,
                                     int projectedStride, float* y, int channels, int n, int headDim, int headsPerGroup, int groups,
                                     const int* slots, const int* count) {
  const int c = blockIdx.x * blockDim.x + threadIdx.x, i = blockIdx.y;
  if (c >= channels || i >= *count) return;
  const int head = c / headDim;
  float* h = state + slots[i] * slotFloats + ssmAt + (size_t)head * n * headDim + c % headDim;
  const float* row = conv + (size_t)i * convStride;
  const float* p = projected + (size_t)i * projectedStride;
  const float* b = row + channels + head / headsPerGroup * n;
  const float* cc = b + groups * n;
  const float dt = fminf(fmaxf(softplus(p[channels + convStride + head] + dtBias[head]), dtMin), dtMax);
  const float decay = expf(dt * a[head]), u = row[c];
  float sum = 0;
#pragma unroll 8
  for (int k = 0; k < n; k++) {
    const float next = fmaf(decay, h[(size_t)k * headDim], dt * u * b[k]);
    h[(size_t)k * headDim] = next;
    sum = fmaf(cc[k], next, sum);
  }
  y[(size_t)i * channels + c] = fmaf(d[head], u, sum) * silu(p[c]);
}
