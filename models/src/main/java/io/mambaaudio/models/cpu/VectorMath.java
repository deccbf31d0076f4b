package io.mambaaudio.models.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** exp and what is made of it, for whole vectors of floats; within about 1e-6 of the exact value, NaN for NaN. */
final class VectorMath {
    static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;

    private static final float LOG2E = 1.442695f;
    /** ln 2 in two parts; the first has so few bits that its product with any exponent is exact. */
    private static final float LN2_HIGH = 355f / 512;

    private static final float LN2_LOW = -2.1219444e-4f;
    /** Adding it rounds a float of moderate size to a whole number, which its lowest bits then hold. */
    private static final float ROUND = 12582912f; // 1.5 * 2^23

    private static final float MIN = -87.3f;
    private static final float MAX = 88.3f;

    private static final int LANES = F.length();
    private static final int HALF = LANES / 2;
    private static final int QUARTER = LANES / 4;
    private static final VectorMask<Float> UPPER_HALF = upper(HALF);
    private static final VectorMask<Float> UPPER_QUARTERS = upper(QUARTER);
    private static final VectorMask<Float> UPPER_TWO = upper(2);
    private static final VectorMask<Float> UPPER_ONE = upper(1);
    private static final VectorShuffle<Float> SWAP_HALVES = swap(HALF);
    private static final VectorShuffle<Float> SWAP_QUARTERS = swap(QUARTER);
    private static final VectorShuffle<Float> SWAP_8 = swap(8);
    private static final VectorShuffle<Float> SWAP_4 = swap(4);
    private static final VectorShuffle<Float> SWAP_2 = swap(2);
    private static final VectorShuffle<Float> SWAP_1 = swap(1);

    private VectorMath() {}

    private static VectorMask<Float> upper(int part) {
        boolean[] bits = new boolean[LANES];
        for (int i = 0; i < LANES; i++) {
            bits[i] = (i & part) != 0;
        }
        return VectorMask.fromArray(F, bits, 0);
    }

    private static VectorShuffle<Float> swap(int part) {
        return VectorShuffle.fromOp(F, i -> (i ^ part) & (LANES - 1));
    }

    /**
     * The sum of all lanes, by halves. {@code reduceLanes} leaves the order open, and compiled code takes another one than the interpreter:
     * a stream's first steps, or those after a restore, would differ from the same steps of a warm one in their last bits.
     */
    static float sum(FloatVector v) {
        if (LANES < 4) {
            return LANES == 1 ? v.lane(0) : v.lane(0) + v.lane(1);
        }
        FloatVector s = v.add(v.rearrange(SWAP_HALVES));
        return inQuarters(s.add(s.rearrange(SWAP_QUARTERS))).lane(0);
    }

    /**
     * {@link #sum} of 16 vectors at once, in the same order, with fewer moves across lanes: of {@code v[at + k * LANES]} to {@code v[at + k]}.
     * From an array to an array, because a vector that is handed to a method that is not inlined is allocated.
     */
    static void sumOf16(float[] v, int at) {
        if (LANES != 16) {
            for (int k = 0; k < 16; k++) {
                v[at + k] = sum(FloatVector.fromArray(F, v, at + k * LANES));
            }
            return;
        }
        for (int k = 0; k < 4; k++) {
            sumToQuarters(v, at + 16 * k);
        }
        FloatVector a = FloatVector.fromArray(F, v, at);
        FloatVector b = FloatVector.fromArray(F, v, at + 16);
        FloatVector c = FloatVector.fromArray(F, v, at + 2 * 16);
        FloatVector d = FloatVector.fromArray(F, v, at + 3 * 16);
        FloatVector ac = a.blend(c, UPPER_TWO).add(c.blend(a, UPPER_TWO).rearrange(SWAP_2));
        FloatVector bd = b.blend(d, UPPER_TWO).add(d.blend(b, UPPER_TWO).rearrange(SWAP_2));
        ac.blend(bd, UPPER_ONE).add(bd.blend(ac, UPPER_ONE).rearrange(SWAP_1)).intoArray(v, at);
    }

    /** Every fourth of the 16 vectors: a quarter of the lanes adds up to the sum of one each. In place of the first. */
    private static void sumToQuarters(float[] v, int at) {
        FloatVector a = FloatVector.fromArray(F, v, at);
        FloatVector b = FloatVector.fromArray(F, v, at + 4 * 16);
        FloatVector c = FloatVector.fromArray(F, v, at + 8 * 16);
        FloatVector d = FloatVector.fromArray(F, v, at + 12 * 16);
        FloatVector ac = a.blend(c, UPPER_HALF).add(c.blend(a, UPPER_HALF).rearrange(SWAP_HALVES));
        FloatVector bd = b.blend(d, UPPER_HALF).add(d.blend(b, UPPER_HALF).rearrange(SWAP_HALVES));
        ac.blend(bd, UPPER_QUARTERS)
                .add(bd.blend(ac, UPPER_QUARTERS).rearrange(SWAP_QUARTERS))
                .intoArray(v, at);
    }

    /** In each quarter the sum of its lanes. Quarters have at most 16 lanes on any machine that there is. */
    private static FloatVector inQuarters(FloatVector v) {
        FloatVector s = QUARTER > 8 ? v.add(v.rearrange(SWAP_8)) : v;
        s = QUARTER > 4 ? s.add(s.rearrange(SWAP_4)) : s;
        s = QUARTER > 2 ? s.add(s.rearrange(SWAP_2)) : s;
        return QUARTER > 1 ? s.add(s.rearrange(SWAP_1)) : s;
    }

    /**
     * {@code e^x = 2^k e^r} with {@code |r| <= ln(2) / 2} and the Taylor polynomial of degree 7 for {@code e^r}, whose remainder is below
     * 1e-8. Arguments beyond -87.3 and 88.3 count as those.
     */
    static FloatVector exp(FloatVector x) {
        FloatVector clamped =
                x.blend(MIN, x.compare(VectorOperators.LT, MIN)).blend(MAX, x.compare(VectorOperators.GT, MAX));
        FloatVector shifted = clamped.fma(FloatVector.broadcast(F, LOG2E), FloatVector.broadcast(F, ROUND));
        FloatVector k = shifted.sub(ROUND);
        FloatVector r = k.fma(FloatVector.broadcast(F, -LN2_HIGH), clamped);
        r = k.fma(FloatVector.broadcast(F, -LN2_LOW), r);
        FloatVector p = FloatVector.broadcast(F, 1f / 5040);
        p = p.fma(r, FloatVector.broadcast(F, 1f / 720));
        p = p.fma(r, FloatVector.broadcast(F, 1f / 120));
        p = p.fma(r, FloatVector.broadcast(F, 1f / 24));
        p = p.fma(r, FloatVector.broadcast(F, 1f / 6));
        p = p.fma(r, FloatVector.broadcast(F, 0.5f));
        p = p.fma(r, FloatVector.broadcast(F, 1f));
        p = p.fma(r, FloatVector.broadcast(F, 1f));
        IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
        return p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
    }

    /** {@code x / (1 + e^-x)}. */
    static FloatVector silu(FloatVector x) {
        return x.div(exp(x.neg()).add(1f));
    }

    /**
     * {@link #silu(FloatVector)} of n values in place, n a multiple of the lanes. A loop of its own, with nothing but this in it: where the
     * compiler declines to inline the vector form into a larger kernel, each call allocates its argument and its result.
     */
    static void silu(float[] x, int at, int n) {
        for (int i = at; i < at + n; i += LANES) {
            FloatVector v = FloatVector.fromArray(F, x, i);
            v.div(exp(v.neg()).add(1f)).intoArray(x, i);
        }
    }

    /**
     * {@code ln(1 + e^x) = max(x, 0) + ln(1 + t)}, {@code t = e^-|x|}, and {@code ln(1 + t) = 2 artanh(s)}, {@code s = t / (2 + t) <= 1/3}, by
     * its series to {@code s^15}.
     */
    static FloatVector softplus(FloatVector x) {
        FloatVector t = exp(x.abs().neg());
        FloatVector s = t.div(t.add(2f));
        FloatVector s2 = s.mul(s);
        FloatVector p = FloatVector.broadcast(F, 2f / 15);
        p = p.fma(s2, FloatVector.broadcast(F, 2f / 13));
        p = p.fma(s2, FloatVector.broadcast(F, 2f / 11));
        p = p.fma(s2, FloatVector.broadcast(F, 2f / 9));
        p = p.fma(s2, FloatVector.broadcast(F, 2f / 7));
        p = p.fma(s2, FloatVector.broadcast(F, 2f / 5));
        p = p.fma(s2, FloatVector.broadcast(F, 2f / 3));
        p = p.fma(s2, FloatVector.broadcast(F, 2f));
        VectorMask<Float> negative = x.compare(VectorOperators.LT, 0f);
        return p.mul(s).add(x.blend(0f, negative));
    }
}
