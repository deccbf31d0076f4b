package io.mambaaudio.models.train;

import io.mambaaudio.models.backend.S4dParameters;
import java.util.Optional;
import java.util.SplittableRandom;

/** Untrained parameters, as the papers' code begins with; one seed gives one network. */
final class Initial {
    private static final double DT_MIN = 1e-3;
    private static final double DT_MAX = 1e-1;

    private final NetworkConfig c;
    private final SplittableRandom random;

    Initial(NetworkConfig config, long seed) {
        this.c = config;
        this.random = new SplittableRandom(seed);
    }

    Parameter embeddings() {
        float[] w = new float[c.vocabSize() * c.dModel()];
        for (int i = 0; i < w.length; i++) {
            w[i] = (float) (0.02 * random.nextGaussian());
        }
        return Parameter.of("backbone.embeddings.weight", true, w, c.vocabSize(), c.dModel());
    }

    Linear head() {
        return linear("lm_head", c.vocabSize(), c.dModel(), 1);
    }

    RmsNorm norm(String name, int width) {
        return new RmsNorm(Parameter.of(name + ".weight", false, filled(width, 1), width), NetworkConfig.EPS);
    }

    Mamba1Parameters mamba1(int layer) {
        String name = "backbone.layers." + layer + ".";
        String mixer = name + "mixer.";
        int dInner = c.dInner();
        int n = c.dState();
        float[] aLog = new float[dInner * n];
        for (int i = 0; i < aLog.length; i++) {
            aLog[i] = (float) Math.log(1 + i % n); // S4D-Real
        }
        double outScale = 1 / Math.sqrt(c.nLayers());
        float[] dtProj = uniform(dInner * c.dtRank(), 1 / Math.sqrt(c.dtRank()));
        return new Mamba1Parameters(
                norm(name + "norm", c.dModel()),
                linear(mixer + "in_proj", 2 * dInner, c.dModel(), 1),
                conv(mixer + "conv1d", dInner),
                linear(mixer + "x_proj", c.dtRank() + 2 * n, dInner, 1),
                Parameter.of(mixer + "dt_proj.weight", true, dtProj, dInner, c.dtRank()),
                Parameter.of(mixer + "dt_proj.bias", false, timeSteps(dInner), dInner),
                Parameter.of(mixer + "A_log", false, aLog, dInner, n),
                Parameter.of(mixer + "D", false, filled(dInner, 1), dInner),
                linear(mixer + "out_proj", c.dModel(), dInner, outScale));
    }

    Mamba2Parameters mamba2(int layer) {
        String name = "backbone.layers." + layer + ".";
        String mixer = name + "mixer.";
        int dInner = c.dInner();
        int heads = c.nHeads();
        float[] aLog = new float[heads];
        for (int i = 0; i < heads; i++) {
            aLog[i] = (float) Math.log(1 + 15 * random.nextDouble());
        }
        return new Mamba2Parameters(
                norm(name + "norm", c.dModel()),
                linear(mixer + "in_proj", dInner + c.convDim() + heads, c.dModel(), 1),
                conv(mixer + "conv1d", c.convDim()),
                Parameter.of(mixer + "dt_bias", false, timeSteps(heads), heads),
                Parameter.of(mixer + "A_log", false, aLog, heads),
                Parameter.of(mixer + "D", false, filled(heads, 1), heads),
                norm(mixer + "norm", dInner),
                linear(mixer + "out_proj", c.dModel(), dInner, 1 / Math.sqrt(c.nLayers())));
    }

    /** S4D-Lin, C from the normal distribution, as the published code begins. */
    S4dWeights s4d(int layer) {
        String name = "backbone.layers." + layer + ".";
        String mixer = name + "mixer.";
        int channels = c.dModel();
        int pairs = c.dState() / 2;
        float[] logDt = new float[channels];
        for (int i = 0; i < channels; i++) {
            logDt[i] = (float) (Math.log(DT_MIN) + random.nextDouble() * Math.log(DT_MAX / DT_MIN));
        }
        float[] imag = S4dParameters.linear(c.dState());
        float[] aImag = new float[channels * pairs];
        for (int i = 0; i < aImag.length; i++) {
            aImag[i] = imag[i % pairs];
        }
        float[] read = new float[channels * c.dState()];
        float[] d = new float[channels];
        fillNormal(read, Math.sqrt(0.5));
        fillNormal(d, 1);
        float[] decay = filled(aImag.length, (float) Math.log(S4dParameters.INITIAL_DECAY));
        Linear out = linear(mixer + "out_proj", 2 * channels, channels, 1);
        Parameter bias = Parameter.of(
                mixer + "out_proj.bias", false, uniform(2 * channels, 1 / Math.sqrt(channels)), 2 * channels);
        return new S4dWeights(
                norm(name + "norm", channels),
                Parameter.of(mixer + "log_dt", false, logDt, channels),
                Parameter.of(mixer + "log_A_real", false, decay, channels, pairs),
                Parameter.of(mixer + "A_imag", false, aImag, channels, pairs),
                Parameter.of(mixer + "C", false, read, channels, pairs, 2),
                Parameter.of(mixer + "D", false, d, channels),
                new Linear(out.weight(), Optional.of(bias)));
    }

    AttentionWeights attention(int layer) {
        String name = "backbone.layers." + layer + ".";
        int d = c.dModel();
        double outScale = 1 / Math.sqrt(2.0 * c.nLayers());
        return new AttentionWeights(
                norm(name + "norm", d),
                linear(name + "qkv", 3 * d, d, 1),
                linear(name + "out", d, d, outScale),
                norm(name + "mlp_norm", d),
                linear(name + "up", 4 * d, d, 1),
                linear(name + "down", d, 4 * d, outScale),
                c.headDim());
    }

    private void fillNormal(float[] w, double scale) {
        for (int i = 0; i < w.length; i++) {
            w[i] = (float) (scale * random.nextGaussian());
        }
    }

    private CausalConv conv(String name, int channels) {
        float limit = (float) (1 / Math.sqrt(NetworkConfig.D_CONV));
        float[] w = uniform(channels * NetworkConfig.D_CONV, limit);
        return new CausalConv(
                Parameter.of(name + ".weight", false, w, channels, 1, NetworkConfig.D_CONV),
                Optional.of(Parameter.of(name + ".bias", false, uniform(channels, limit), channels)));
    }

    private Linear linear(String name, int outputs, int inputs, double scale) {
        float[] w = uniform(outputs * inputs, scale / Math.sqrt(inputs));
        return new Linear(Parameter.of(name + ".weight", true, w, outputs, inputs), Optional.empty());
    }

    /** Biases whose softplus is spread evenly, in its logarithm, over DT_MIN to DT_MAX. */
    private float[] timeSteps(int n) {
        float[] bias = new float[n];
        for (int i = 0; i < n; i++) {
            double dt = DT_MIN * Math.pow(DT_MAX / DT_MIN, random.nextDouble());
            bias[i] = (float) (dt + Math.log(-Math.expm1(-dt)));
        }
        return bias;
    }

    private float[] uniform(int n, double limit) {
        float[] w = new float[n];
        for (int i = 0; i < n; i++) {
            w[i] = (float) (limit * (2 * random.nextDouble() - 1));
        }
        return w;
    }

    private static float[] filled(int n, float value) {
        float[] w = new float[n];
        java.util.Arrays.fill(w, value);
        return w;
    }
}
