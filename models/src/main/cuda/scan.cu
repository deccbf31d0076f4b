// Whole sequences of one stream: what lies between the projections, for T steps at once. Rows are steps.
//
// The recurrence is a chunked parallel scan with the state in registers. (1) scan_local: every chunk from a state of zeros, all chunks at
// once; (2) scan_carry: from chunk to chunk, only the states; (3) scan_outputs: every chunk again, from its true state, with outputs. The
// second reading of a chunk finds its inputs in the L2 cache, since the host calls for some thousand steps at a time. A thread has one channel
// and 16 states at a time; more states are more rounds. Mamba-1 with 16 states has a kernel of its own at the end, scan_once, which reads
// its inputs once.
//
// decay of a step: exp(dt A), A (n, channels) for Mamba-1; one A a head for Mamba-2. h' = decay h + dt B x.
#include "common.cuh"

constexpr int N = 16;  // states of a round

// seq (windowFrames + count, nMels): first the window of the slot, then the new frames, normalised; as floats and halves. to: the window
// after them.
extern "C" __global__ void frames_in(const float* window, int windowFloats, const float* frames, const float* mean, const float* scale, int nMels,
                                     int count, float* seq, u16* half) {
  const int all = windowFloats + count * nMels;
  for (int k = blockIdx.x * blockDim.x + threadIdx.x; k < all; k += gridDim.x * blockDim.x) {
    const int j = k - windowFloats;
    const float v = j < 0 ? window[k] : (frames[j] - mean[j % nMels]) * scale[j % nMels];
    seq[k] = v;
    half[k] = half_of(v);
  }
}
extern "C" __global__ void copy_floats(const float* from, float* to, int n) {
  for (int k = blockIdx.x * blockDim.x + threadIdx.x; k < n; k += gridDim.x * blockDim.x) to[k] = from[k];
}

// The causal convolution and silu of T rows, from the state's last inputs on; a thread has one channel of one row.
// before (taps - 1, channels). half may be null.
extern "C" __global__ void conv_rows(const float* before, const float* weight, const float* bias, const float* in, int inStride, int inAt, float* out,
                                     u16* half, int halfStride, int channels, int taps, int rows) {
  const int c = blockIdx.x * blockDim.x + threadIdx.x, t = blockIdx.y;
  if (c >= channels) return;
  float sum = bias ? bias[c] : 0.0f;
  for (int k = 0; k < taps; k++) {
    const int from = t - (taps - 1) + k;
    const float v = from < 0 ? before[(size_t)(from + taps - 1) * channels + c] : in[(size_t)from * inStride + inAt + c];
    sum = fmaf(weight[k * channels + c], v, sum);
  }
  sum = silu(sum);
  out[(size_t)t * channels + c] = sum;
  if (half) half[(size_t)t * halfStride + c] = half_of(sum);
}
// The last taps - 1 inputs into the state; after conv_rows.
extern "C" __global__ void conv_keep(float* before, const float* in, int inStride, int inAt, int channels, int taps, int rows) {
  const int c = blockIdx.x * blockDim.x + threadIdx.x;
  if (c >= channels) return;
  for (int k = 0; k < taps - 1; k++) {
    const int from = rows - (taps - 1) + k;
    before[(size_t)k * channels + c] = from < 0 ? before[(size_t)(from + taps - 1) * channels + c] : in[(size_t)from * inStride + inAt + c];
  }
}

// Mamba-1: dt = softplus(dt_proj + bias). A thread has one channel of 8 rows. w (channels, rank) as it is stored.
extern "C" __global__ void __launch_bounds__(128) time_steps(const float* bc, int bcStride, int rank, const float* w, const float* bias, float* dt,
                                                             int channels, int rows) {
  extern __shared__ float in[];  // (8, rank)
  const int c = blockIdx.x * blockDim.x + threadIdx.x, t0 = blockIdx.y * 8;
  for (int k = threadIdx.x; k < 8 * rank; k += blockDim.x) in[k] = t0 + k / rank < rows ? bc[(size_t)(t0 + k / rank) * bcStride + k % rank] : 0.0f;
  __syncthreads();
  if (c >= channels) return;
  float sum[8];
#pragma unroll
  for (int j = 0; j < 8; j++) sum[j] = bias[c];
  for (int r = 0; r < rank; r++) {
    const float v = w[(size_t)c * rank + r];
#pragma unroll
    for (int j = 0; j < 8; j++) sum[j] = fmaf(v, in[j * rank + r], sum[j]);
  }
#pragma unroll
  for (int j = 0; j < 8; j++)
    if (t0 + j < rows) dt[(size_t)(t0 + j) * channels + c] = softplus(sum[j]);
}
// Mamba-2: dt (rows, heads) from the projected rows.
extern "C" __global__ void head_steps(const float* projected, int stride, int at, const float* bias, float least, float most, float* dt, int heads, int rows) {
  const int k = blockIdx.x * blockDim.x + threadIdx.x;
  if (k >= rows * heads) return;
  dt[k] = fminf(fmaxf(softplus(projected[(size_t)(k / heads) * stride + at + k % heads] + bias[k % heads]), least), most);
}

struct Scan {
  const float* a;      // Mamba-1 (n, channels), Mamba-2 (heads)
  const float* dt;     // Mamba-1 (rows, channels), Mamba-2 (rows, heads)
  const float* x;      // (rows, xStride)
  const float* b;      // row t: b + t * bStride, (groups, n)
  const float* c;      // likewise
  const float* d;      // Mamba-1 (channels), Mamba-2 (heads)
  const float* z;      // (rows, zStride)
  float* y;            // (rows, channels)
  u16* half;           // (rows, halfStride) or null
  float* local;        // (chunks, n, channels) states
  float* sums;         // (chunks, Mamba-1 channels, Mamba-2 heads) of dt
  float* state;        // the slot's ssm_state of this layer
  int channels, n, rows, length, chunks, xStride, bStride, zStride, halfStride, headDim, heads, headsPerGroup;
};

template <bool DUAL>
__device__ __forceinline__ size_t state_at(const Scan& s, int k, int c) {
  return DUAL ? (size_t)(c / s.headDim * s.n + k) * s.headDim + c % s.headDim : (size_t)k * s.channels + c;
}

// Rows of B (and C) of a chunk in shared memory, a piece of STEPS rows at a time.
constexpr int STEPS = 32;

template <bool DUAL, bool OUTPUTS>
__device__ void scan(const Scan& s) {
  extern __shared__ __align__(16) float rowsOf[];  // (STEPS, N) B, then C; a block of threads is within one group
  const int c = blockIdx.x * blockDim.x + threadIdx.x, chunk = blockIdx.y;
  const int head = DUAL ? min(c, s.channels - 1) / s.headDim : 0;
  const int groupAt = DUAL ? blockIdx.x * blockDim.x / s.headDim / s.headsPerGroup * s.n : 0;
  const int from = chunk * s.length, to = min(from + s.length, s.rows);
  const int dtStride = DUAL ? s.heads : s.channels, dtAt = DUAL ? head : c;
  const bool mine = c < s.channels;
  float* bs = rowsOf;
  float* cs = rowsOf + STEPS * N;
  for (int k0 = 0; k0 < s.n; k0 += N) {
    float h[N], a[DUAL ? 1 : N];
#pragma unroll
    for (int k = 0; k < N; k++) {
      const bool there = mine && k0 + k < s.n;
      h[k] = OUTPUTS && there ? s.local[((size_t)chunk * s.n + k0 + k) * s.channels + c] : 0.0f;
      if (!DUAL) a[DUAL ? 0 : k] = there ? s.a[(size_t)(k0 + k) * s.channels + c] * LOG2E : 0.0f;
    }
    if (DUAL) a[0] = s.a[head] * LOG2E;
    float sum = 0;
    for (int t0 = from; t0 < to; t0 += STEPS) {
      __syncthreads();
      for (int k = threadIdx.x; k < STEPS * N; k += blockDim.x) {
        const int t = t0 + k / N, j = k0 + k % N;
        const bool there = t < to && j < s.n;
        bs[k] = there ? s.b[(size_t)t * s.bStride + groupAt + j] : 0.0f;
        if (OUTPUTS) cs[k] = there ? s.c[(size_t)t * s.bStride + groupAt + j] : 0.0f;
      }
      __syncthreads();
      if (!mine) continue;
      const int last = min(STEPS, to - t0);
#pragma unroll 4
      for (int j = 0; j < last; j++) {
        const size_t t = t0 + j;
        const float dt = s.dt[t * dtStride + dtAt], x = s.x[t * s.xStride + c], tx = dt * x;
        sum += dt;
        float y = 0;
        const float decay = DUAL ? exp2_fast(dt * a[0]) : 0.0f;
        const float4* b4 = (const float4*)(bs + j * N);
        const float4* c4 = (const float4*)(cs + j * N);
#pragma unroll
        for (int q = 0; q < N / 4; q++) {
          const float4 b = b4[q];
          const float bb[4] = {b.x, b.y, b.z, b.w};
#pragma unroll
          for (int e = 0; e < 4; e++) {
            const int k = 4 * q + e;
            h[k] = fmaf(DUAL ? decay : exp2_fast(dt * a[DUAL ? 0 : k]), h[k], tx * bb[e]);
          }
          if (OUTPUTS) {
            const float4 v = c4[q];
            y = fmaf(v.x, h[4 * q], fmaf(v.y, h[4 * q + 1], fmaf(v.z, h[4 * q + 2], fmaf(v.w, h[4 * q + 3], y))));
          }
        }
        if (OUTPUTS) {
          float* out = s.y + t * s.channels + c;
          if (k0 > 0) y += *out;
          if (k0 + N >= s.n) {
            y = fmaf(s.d[DUAL ? head : c], x, y) * silu(s.z[t * s.zStride + c]);
            if (s.half) s.half[t * s.halfStride + c] = half_of(y);
          }
          *out = y;
        }
      }
    }
    if (!OUTPUTS && mine) {
#pragma unroll
      for (int k = 0; k < N; k++)
        if (k0 + k < s.n) s.local[((size_t)chunk * s.n + k0 + k) * s.channels + c] = h[k];
      if (k0 == 0 && (!DUAL || c % s.headDim == 0)) s.sums[(size_t)chunk * dtStride + dtAt] = sum;
    }
  }
}
extern "C" __global__ void __launch_bounds__(128) scan_local1(const Scan s) { scan<false, false>(s); }
extern "C" __global__ void __launch_bounds__(128) scan_local2(const Scan s) { scan<true, false>(s); }
extern "C" __global__ void __launch_bounds__(128) scan_outputs1(const Scan s) { scan<false, true>(s); }
extern "C" __global__ void __launch_bounds__(128) scan_outputs2(const Scan s) { scan<true, true>(s); }

// The state before every chunk in place of what the chunk left from zeros; the last one to the slot. A thread has one state of one channel.
template <bool DUAL>
__device__ void carry(const Scan& s) {
  const int c = blockIdx.x * blockDim.x + threadIdx.x, k = blockIdx.y;
  if (c >= s.channels) return;
  const int head = DUAL ? c / s.headDim : c, width = DUAL ? s.heads : s.channels;
  const float a = (DUAL ? s.a[head] : s.a[(size_t)k * s.channels + c]) * LOG2E;
  float* home = s.state + state_at<DUAL>(s, k, c);
  float h = *home;
  float* at = s.local + (size_t)k * s.channels + c;
#pragma unroll 4
  for (int i = 0; i < s.chunks; i++, at += (size_t)s.n * s.channels) {
    const float left = *at;
    *at = h;
    h = fmaf(exp2_fast(a * s.sums[(size_t)i * width + head]), h, left);
  }
  *home = h;
}
extern "C" __global__ void scan_carry1(const Scan s) { carry<false>(s); }
extern "C" __global__ void scan_carry2(const Scan s) { carry<true>(s); }

// ---- the whole scan in one pass over memory, Mamba-1 with 16 states

// 2^x for x <= 0 on the multiply-add pipe: the special functions are what the scan waits for, so some of its exponentials go here.
__device__ __forceinline__ float exp2_added(float x) {
  x = fmaxf(x, -126.0f);
  const float t = x + 12582912.0f, f = x - (t - 12582912.0f);
  float p = fmaf(f, 0.0013264723f, 0.00967151297f);
  p = fmaf(p, f, 0.0555073376f);
  p = fmaf(p, f, 0.240222421f);
  p = fmaf(p, f, 0.693146978f);
  p = fmaf(p, f, 1.0f);  // exactly 1 at 0: a step of no time changes nothing
  return __int_as_float(__float_as_int(p) + (__float_as_int(t) << 23));
}
__device__ __forceinline__ void copy16(void* to, const void* from) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"((u32)__cvta_generic_to_shared(to)), "l"(from) : "memory");
}
__device__ __forceinline__ void hear_two(const u64* from, u32 tag, float& a, float& b) {
  u64 v, w;
  do asm volatile("ld.volatile.global.v2.u64 {%0, %1}, [%2];" : "=l"(v), "=l"(w) : "l"(from) : "memory");
  while ((u32)(v >> 32) != tag || (u32)(w >> 32) != tag);
  a = __uint_as_float((u32)v);
  b = __uint_as_float((u32)w);
}
__device__ __forceinline__ void tell_two(u64* to, u32 tag, float a, float b) {
  const u64 v = ((u64)tag << 32) | __float_as_uint(a), w = ((u64)tag << 32) | __float_as_uint(b);
  asm volatile("st.volatile.global.v2.u64 [%0], {%1, %2};" ::"l"(to), "l"(v), "l"(w) : "memory");
}

constexpr int CHUNK = 64, WIDE = 64;  // steps and channels of a block
constexpr int RING = 8;               // chunks whose states have a place to travel
constexpr int ADDED = 1;              // of 8 exponentials, those by multiply-adds

// Blocks take their pieces in order, chunk by chunk. A block reads its inputs once, into shared memory; runs over them from a state of zeros;
// hears the true state from the block of the chunk before, passes on the one behind its chunk, and runs over its inputs again with outputs.
// A thread has 8 states of a channel, its neighbour the others. mail: (RING, channels, 16) values with the number of their chunk.
__device__ __forceinline__ void scan_pieces(const Scan& s, u64* mail, u32* tickets, u32 firstTicket, u32 firstTag) {
  extern __shared__ __align__(16) float once[];  // dt (CHUNK, WIDE), x (CHUNK, WIDE), B and C (CHUNK, 32)
  __shared__ u32 ticket;
  if (threadIdx.x == 0) ticket = atomicAdd(tickets, 1u) - firstTicket;
  __syncthreads();
  const int groups = s.channels / WIDE, chunk = (int)(ticket / groups), c0 = (int)(ticket % groups) * WIDE;
  const int from = chunk * CHUNK, steps = min(CHUNK, s.rows - from);
  float *dts = once, *xs = once + CHUNK * WIDE, *bcs = xs + CHUNK * WIDE;
  for (int k = threadIdx.x; k < CHUNK * WIDE / 4; k += 128) {
    const int t = k / (WIDE / 4), c = k % (WIDE / 4) * 4;
    if (t < steps) {
      copy16(dts + t * WIDE + c, s.dt + (size_t)(from + t) * s.channels + c0 + c);
      copy16(xs + t * WIDE + c, s.x + (size_t)(from + t) * s.xStride + c0 + c);
    } else {
      *(float4*)(dts + t * WIDE + c) = make_float4(0, 0, 0, 0);
      *(float4*)(xs + t * WIDE + c) = make_float4(0, 0, 0, 0);
    }
  }
  for (int k = threadIdx.x; k < CHUNK * 8; k += 128) {
    const int t = k / 8, j = k % 8;
    if (t < steps) copy16(bcs + t * 32 + j * 4, (j < 4 ? s.b : s.c) + (size_t)(from + t) * s.bStride + j % 4 * 4);
    else *(float4*)(bcs + t * 32 + j * 4) = make_float4(0, 0, 0, 0);
  }
  asm volatile("cp.async.commit_group;" ::: "memory");
  const int wide = threadIdx.x >> 1, half = threadIdx.x & 1, c = c0 + wide;
  float a[8], h[8];
#pragma unroll
  for (int k = 0; k < 8; k++) a[k] = s.a[(size_t)(half * 8 + k) * s.channels + c] * LOG2E, h[k] = 0.0f;
  asm volatile("cp.async.wait_all;" ::: "memory");
  __syncthreads();

  auto advance = [&](int t, float dt, float tx) {
    const float4 b0 = *(const float4*)(bcs + t * 32 + half * 8), b1 = *(const float4*)(bcs + t * 32 + half * 8 + 4);
    const float b[8] = {b0.x, b0.y, b0.z, b0.w, b1.x, b1.y, b1.z, b1.w};
#pragma unroll
    for (int k = 0; k < 8; k++) {
      const float e = k < ADDED ? exp2_added(dt * a[k]) : exp2_fast(dt * a[k]);
      h[k] = fmaf(e, h[k], tx * b[k]);
    }
  };
  u64* out = mail + ((size_t)(chunk % RING) * s.channels + c) * 16 + half * 8;
  const u64* in = mail + ((size_t)((chunk + RING - 1) % RING) * s.channels + c) * 16 + half * 8;
  const u32 tag = firstTag + (u32)chunk;
  float4 zs[CHUNK * WIDE / 4 / 128];
  auto gates = [&]() {
#pragma unroll
    for (int j = 0; j < CHUNK * WIDE / 4 / 128; j++) {
      const int k = threadIdx.x + j * 128, t = k / (WIDE / 4), c = k % (WIDE / 4) * 4;
      zs[j] = t < steps ? __ldcs((const float4*)(s.z + (size_t)(from + t) * s.zStride + c0 + c)) : make_float4(0, 0, 0, 0);
    }
  };
  if (chunk > 0) {
    float sum = 0;
#pragma unroll 4
    for (int t = 0; t < CHUNK; t++) {
      const float dt = dts[t * WIDE + wide], tx = dt * xs[t * WIDE + wide];
      sum += dt;
      advance(t, dt, tx);
    }
    gates();
#pragma unroll
    for (int k = 0; k < 8; k += 2) {
      float p, q;
      hear_two(in + k, tag - 1, p, q);
      tell_two(out + k, tag, fmaf(exp2_fast(a[k] * sum), p, h[k]), fmaf(exp2_fast(a[k + 1] * sum), q, h[k + 1]));
      h[k] = p;
      h[k + 1] = q;
    }
  } else {
    gates();
#pragma unroll
    for (int k = 0; k < 8; k++) h[k] = s.state[(size_t)(half * 8 + k) * s.channels + c];
  }
  const float d = s.d[c];
#pragma unroll 2
  for (int t = 0; t < CHUNK; t += 2) {
    float y[2];
#pragma unroll
    for (int j = 0; j < 2; j++) {
      const float dt = dts[(t + j) * WIDE + wide], x = xs[(t + j) * WIDE + wide];
      advance(t + j, dt, dt * x);
      const float4 c0 = *(const float4*)(bcs + (t + j) * 32 + 16 + half * 8), c1 = *(const float4*)(bcs + (t + j) * 32 + 16 + half * 8 + 4);
      y[j] = half == 0 ? d * x : 0.0f;
      y[j] = fmaf(c0.x, h[0], fmaf(c0.y, h[1], fmaf(c0.z, h[2], fmaf(c0.w, h[3], y[j]))));
      y[j] = fmaf(c1.x, h[4], fmaf(c1.y, h[5], fmaf(c1.z, h[6], fmaf(c1.w, h[7], y[j]))));
    }
    const float other = __shfl_xor_sync(0xFFFFFFFFu, half == 0 ? y[1] : y[0], 1);  // both have read x
    xs[(t + half) * WIDE + wide] = (half == 0 ? y[0] : y[1]) + other;
  }
  if (chunk == 0 && from + CHUNK < s.rows) {
#pragma unroll
    for (int k = 0; k < 8; k += 2) tell_two(out + k, tag, h[k], h[k + 1]);
  }
  if (from + CHUNK >= s.rows) {
#pragma unroll
    for (int k = 0; k < 8; k++) s.state[(size_t)(half * 8 + k) * s.channels + c] = h[k];
  }
  __syncthreads();
#pragma unroll
  for (int j = 0; j < CHUNK * WIDE / 4 / 128; j++) {
    const int k = threadIdx.x + j * 128, t = k / (WIDE / 4), c = k % (WIDE / 4) * 4;
    if (t < steps) {
      const float4 z = zs[j];
      float4 y = *(const float4*)(xs + t * WIDE + c);
      y.x *= silu(z.x), y.y *= silu(z.y), y.z *= silu(z.z), y.w *= silu(z.w);
      __stcs((float4*)(s.y + (size_t)(from + t) * s.channels + c0 + c), y);
      if (s.half)
        *(uint2*)(s.half + (size_t)(from + t) * s.halfStride + c0 + c) =
            make_uint2((u32)half_of(y.x) | (u32)half_of(y.y) << 16, (u32)half_of(y.z) | (u32)half_of(y.w) << 16);
    }
  }
}
extern "C" __global__ void __launch_bounds__(128, 5) scan_once(const Scan s, u64* mail, u32* tickets, u32 firstTicket, u32 firstTag) {
  scan_pieces(s, mail, tickets, firstTicket, firstTag);
}
