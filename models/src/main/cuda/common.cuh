// What all kernels share. No header of CUDA's is needed: NVRTC alone compiles these files.
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

__device__ __forceinline__ float bf16(u16 bits) { return __uint_as_float((u32)bits << 16); }
__device__ __forceinline__ float low_bf16(u32 two) { return __uint_as_float(two << 16); }
__device__ __forceinline__ float high_bf16(u32 two) { return __uint_as_float(two & 0xFFFF0000u); }

__device__ __forceinline__ float silu(float x) { return x / (1.0f + expf(-x)); }

// log(1 + e^x) without overflow.
__device__ __forceinline__ float softplus(float x) { return fmaxf(x, 0.0f) + log1pf(expf(-fabsf(x))); }

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

// The sum over a warp, in every lane, always in the same order.
__device__ __forceinline__ float warp_sum(float v) {
#pragma unroll
  for (int m = 16; m > 0; m >>= 1) v += __shfl_xor_sync(0xFFFFFFFFu, v, m);
  return v;
}

// The sum over a block of at most 1,024 threads (whole warps), in every thread. `part` holds 32 floats.
__device__ __forceinline__ float block_sum(float v, float* part) {
  const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5, warps = blockDim.x >> 5;
  v = warp_sum(v);
  __syncthreads();
  if (lane == 0) part[warp] = v;
  __syncthreads();
  return warp_sum(lane < warps ? part[lane] : 0.0f);
}
