package io.mambaaudio.models.train;

import io.mambaaudio.models.cpu.S4dScan;
import java.util.List;

/**
 * What an S4D block trains, and the way from there to the discrete system, forwards and backwards.
 *
 * @param logDt (channels)
 * @param logAReal (channels, pairs)
 * @param aImag (channels, pairs)
 * @param c (channels, pairs, 2)
 * @param d (channels)
 * @param outProj (2 channels, channels), with a bias
 */
record S4dWeights(
        RmsNorm norm, Parameter logDt, Parameter logAReal, Parameter aImag, Parameter c, Parameter d, Linear outProj) {
    private static final int BLOCK = S4dScan.BLOCK;

    int channels() {
        return logDt.size();
    }

    int pairs() {
        return logAReal.shape()[1];
    }

    List<Parameter> all() {
        return List.of(
                norm.weight(),
                logDt,
                logAReal,
                aImag,
                c,
                d,
                outProj.weight(),
                outProj.bias().orElseThrow());
    }

    /** Zero-order hold: {@code A~ = exp(dt A)}, {@code C~ = 2 C (A~ - 1) / A}, in blocks of channels. */
    void discretise(S4dScan.Discrete[] blocks) {
        for (int channel = 0; channel < channels(); channel++) {
            S4dScan.Discrete s = blocks[channel / BLOCK];
            for (int n = 0; n < pairs(); n++) {
                int i = n * BLOCK + channel % BLOCK;
                State state = state(channel, n);
                Complex cc = state.c().times(state.b()).times(2);
                s.aRe()[i] = (float) state.decay().re();
                s.aIm()[i] = (float) state.decay().im();
                s.cRe()[i] = (float) cc.re();
                s.cIm()[i] = (float) cc.im();
            }
            s.d()[channel % BLOCK] = d.value()[channel];
        }
    }

    /** From the gradients of the discrete systems to those of the parameters, added to; (w, dw) of a loss is {@code Re(g conj(dw))}. */
    void gradients(S4dScan.Discrete[] blocks) {
        for (int channel = 0; channel < channels(); channel++) {
            S4dScan.Discrete s = blocks[channel / BLOCK];
            double ofDt = 0;
            for (int n = 0; n < pairs(); n++) {
                int i = n * BLOCK + channel % BLOCK;
                Complex ofDecay = new Complex(s.aRe()[i], s.aIm()[i]);
                ofDt += gradients(channel, n, ofDecay, new Complex(s.cRe()[i], s.cIm()[i]));
            }
            logDt.gradient()[channel] += (float) (ofDt * Math.exp(logDt.value()[channel]));
            d.gradient()[channel] += s.d()[channel % BLOCK];
        }
    }

    /** One state's; the answer is that of dt. */
    private double gradients(int channel, int n, Complex ofDecay, Complex ofReading) {
        State s = state(channel, n);
        int i = channel * pairs() + n;
        Complex ofC = ofReading.times(s.b().conjugate()).times(2);
        Complex ofB = ofReading.times(s.c().conjugate()).times(2);
        Complex ofAllDecay = ofDecay.plus(ofB.over(s.a().conjugate()));
        Complex ofA = ofAllDecay
                .times(s.decay().times(s.dt()).conjugate())
                .plus(ofB.times(s.b().over(s.a()).times(-1).conjugate()));
        c.gradient()[2 * i] += (float) ofC.re();
        c.gradient()[2 * i + 1] += (float) ofC.im();
        logAReal.gradient()[i] += (float) (ofA.re() * s.a().re());
        aImag.gradient()[i] += (float) ofA.im();
        return ofAllDecay.times(s.a().times(s.decay()).conjugate()).re();
    }

    /** A, dt, C of one state, its decay A~ and its input B~. */
    private record State(Complex a, double dt, Complex c, Complex decay, Complex b) {}

    private State state(int channel, int n) {
        int i = channel * pairs() + n;
        double dt = Math.exp(logDt.value()[channel]);
        Complex a = new Complex(-Math.exp(logAReal.value()[i]), aImag.value()[i]);
        Complex decay = a.times(dt).exp();
        Complex b = decay.plus(new Complex(-1, 0)).over(a);
        return new State(a, dt, new Complex(c.value()[2 * i], c.value()[2 * i + 1]), decay, b);
    }

    /** A complex number. */
    private record Complex(double re, double im) {
        Complex times(Complex o) {
            return new Complex(re * o.re - im * o.im, re * o.im + im * o.re);
        }

        Complex times(double o) {
            return new Complex(re * o, im * o);
        }

        Complex plus(Complex o) {
            return new Complex(re + o.re, im + o.im);
        }

        Complex over(Complex o) {
            return times(o.conjugate()).times(1 / (o.re * o.re + o.im * o.im));
        }

        Complex conjugate() {
            return new Complex(re, -im);
        }

        Complex exp() {
            return new Complex(Math.exp(re) * Math.cos(im), Math.exp(re) * Math.sin(im));
        }
    }
}
