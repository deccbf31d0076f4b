package io.mambaaudio.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class SessionTest {
    private static final RandomCheckpoint TINY = RandomCheckpoint.tiny(true, 7);

    @TempDir
    static Path folder;

    private static Mamba hearing;
    private static Mamba other;
    private static Mamba reading;

    @BeforeAll
    static void load() {
        hearing = Mamba.open(TINY.write(folder.resolve("hearing.safetensors")));
        other = Mamba.open(RandomCheckpoint.tiny(true, 8).write(folder.resolve("other.safetensors")));
        reading = Mamba.open(Resources.path("golden/mamba2-a"));
    }

    private static float[] frame(Random random) {
        float[] frame = new float[TINY.nMels()];
        for (int i = 0; i < frame.length; i++) {
            frame[i] = (float) random.nextGaussian();
        }
        return frame;
    }

    /** The logits of some frames, one row a step. */
    private static List<float[]> run(Session session, long seed, int frames) {
        Random random = new Random(seed);
        List<float[]> rows = new ArrayList<>();
        float[] logits = new float[TINY.vocab()];
        for (int i = 0; i < frames; i++) {
            if (session.step(frame(random), logits)) {
                rows.add(logits.clone());
            }
        }
        return rows;
    }

    private static void assertSame(List<float[]> expected, List<float[]> found) {
        assertEquals(expected.size(), found.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), found.get(i), "step " + i);
        }
    }

    @Test
    void theFirstStepComesAfterTheWindowThenOneEveryStride() {
        Session session = hearing.open(Backend.SCALAR);
        float[] logits = new float[TINY.vocab()];
        StringBuilder answers = new StringBuilder();
        for (int i = 0; i < 9; i++) {
            answers.append(session.step(new float[TINY.nMels()], logits) ? 'x' : '.');
        }
        assertEquals("..x.x.x.x", answers.toString()); // window 3, stride 2
    }

    @ParameterizedTest
    @EnumSource(names = {"SCALAR", "VECTOR"})
    void resetEqualsAFreshSession(Backend backend) {
        Session used = hearing.open(backend);
        run(used, 1, 50);
        used.reset();
        assertSame(run(hearing.open(backend), 2, 30), run(used, 2, 30));
    }

    @ParameterizedTest
    @EnumSource(names = {"SCALAR", "VECTOR"})
    void aRestoredSnapshotContinuesBitExactlyWhereverItWasTaken(Backend backend) {
        for (int at = 0; at < 8; at++) { // within the first window, on a step, between two
            Session session = hearing.open(backend);
            run(session, 3, at);
            byte[] saved = session.snapshot().toBytes();
            Session later = hearing.open(backend);
            run(later, 4, 17);
            later.restore(Snapshot.fromBytes(saved));
            assertSame(run(session, 5, 40), run(later, 5, 40));
            assertArrayEquals(session.snapshot().toBytes(), later.snapshot().toBytes());
        }
    }

    @Test
    void aSnapshotDoesNotMoveWithItsSession() {
        Session session = hearing.open(Backend.SCALAR);
        run(session, 1, 9);
        Snapshot snapshot = session.snapshot();
        byte[] before = snapshot.toBytes();
        run(session, 2, 9);
        assertArrayEquals(before, snapshot.toBytes());
    }

    @Test
    void aForkGoesOnByItself() {
        Session session = hearing.open(Backend.VECTOR);
        run(session, 1, 20);
        Session fork = session.fork();
        List<float[]> ofFork = run(fork, 2, 20);
        run(fork, 3, 20);
        assertSame(ofFork, run(session, 2, 20));
    }

    @Test
    void aSnapshotOfAnotherModelIsRefusedAndChangesNothing() {
        Session session = hearing.open(Backend.SCALAR);
        run(session, 1, 9);
        byte[] before = session.snapshot().toBytes();
        CheckpointException e = assertThrows(
                CheckpointException.class,
                () -> session.restore(other.open(Backend.SCALAR).snapshot()));
        assertTrue(
                e.getMessage()
                        .matches(
                                "snapshot: found one of model [0-9a-f]{16} with \\d+ floats, expected model [0-9a-f]{16} with \\d+; load the model that it was taken from"),
                e.getMessage());
        assertArrayEquals(before, session.snapshot().toBytes());
    }

    @Test
    void aSnapshotOfAnotherPrecisionIsRefused() {
        try (Checkpoint checkpoint = Checkpoint.open(folder.resolve("hearing.safetensors"))) {
            Snapshot snapshot =
                    Mamba.load(checkpoint, Weights.F32).open(Backend.SCALAR).snapshot();
            assertThrows(CheckpointException.class, () -> hearing.open(Backend.SCALAR)
                    .restore(snapshot));
        }
    }

    @Test
    void everyDamagedByteOfASnapshotIsNoticed() {
        Session session = hearing.open(Backend.SCALAR);
        run(session, 1, 9);
        byte[] bytes = session.snapshot().toBytes();
        Random random = new Random(1);
        for (int i = 0; i < bytes.length; i += 1 + random.nextInt(40)) {
            byte[] damaged = bytes.clone();
            damaged[i] ^= (byte) (1 << random.nextInt(8));
            CheckpointException e = assertThrows(CheckpointException.class, () -> Snapshot.fromBytes(damaged));
            assertTrue(e.getMessage().startsWith("snapshot: found "), e.getMessage());
        }
        for (int length : new int[] {0, 1, 8, 31, 36, bytes.length - 4, bytes.length - 1}) {
            byte[] cut = java.util.Arrays.copyOf(bytes, length);
            assertThrows(CheckpointException.class, () -> Snapshot.fromBytes(cut));
        }
    }

    @Test
    void theStateHasTheSameBytesForever() {
        Session session = hearing.open(Backend.VECTOR);
        long bytes = session.stateBytes();
        int perLayer = 3 * (64 + 2 * 8) + 64 * 8; // conv_state (dConv - 1, convDim), ssm_state (N, dInner)
        assertEquals(4L * (2 * perLayer + 3 * 5) + 8, bytes);
        int saved = session.snapshot().toBytes().length;
        run(session, 1, 1000);
        assertEquals(bytes, session.stateBytes());
        assertEquals(saved, session.snapshot().toBytes().length);
    }

    @Test
    void sessionsOnManyThreadsEqualSessionsOneAfterAnother() throws Exception {
        List<Callable<List<float[]>>> tasks = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            long seed = i;
            tasks.add(() -> run(hearing.open(Backend.VECTOR), seed, 400));
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<List<float[]>>> found = threads.invokeAll(tasks);
            for (int i = 0; i < tasks.size(); i++) {
                assertSame(tasks.get(i).call(), found.get(i).get());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SCALAR", "VECTOR"})
    void stepAllocatesNothingOnceWarm(Backend backend) {
        Session session = hearing.open(backend);
        float[] frame = frame(new Random(1));
        float[] logits = new float[TINY.vocab()];
        Runnable steps = () -> {
            for (int i = 0; i < 2 * 10_000; i++) { // stride 2: 10,000 steps
                session.step(frame, logits);
            }
        };
        long bytes = Long.MAX_VALUE;
        int rounds = 0;
        while (bytes != 0 && rounds++ < 20) { // until the compiler is through
            bytes = Allocations.bytes(steps);
        }
        System.out.println(
                "10,000 steps on " + backend + ": " + bytes + " bytes allocated, after " + rounds + " rounds");
        assertEquals(0, bytes);
    }

    @Test
    void theCounterOfAllocationsCounts() {
        long[] sink = {0};
        long bytes =
                Allocations.bytes(() -> sink[0] += new float[1000].length + System.identityHashCode(new Object[10]));
        assertTrue(bytes >= 4000, bytes + " bytes, " + sink[0]);
    }

    @ParameterizedTest
    @EnumSource(names = {"SCALAR", "VECTOR"})
    void anHourOfSilenceLeavesTheStateFinite(Backend backend) {
        Session session = hearing.open(backend);
        run(session, 1, 200);
        float[] silence = new float[TINY.nMels()];
        java.util.Arrays.fill(silence, (float) Math.log(1e-6));
        float[] logits = new float[TINY.vocab()];
        int frames = 100 * 3600;
        for (int i = 0; i < frames; i++) {
            session.step(silence, logits);
        }
        float[] settled = logits.clone();
        for (int i = 0; i < 1000; i++) {
            session.step(silence, logits);
        }
        assertArrayEquals(settled, logits, 1e-5f, "silence settles");
        for (float value : session.snapshot().state()) {
            assertTrue(Float.isFinite(value));
        }
        assertFalse(run(session, 2, 20).isEmpty());
    }

    @Test
    void wrongUseIsToldInOneLine() {
        Session session = hearing.open(Backend.SCALAR);
        float[] logits = new float[TINY.vocab()];
        assertMessage("frame has 4 values, the model expects nMels=5", () -> session.step(new float[4], logits));
        assertMessage(
                "logits has 3 values, the model expects vocabSize=11", () -> session.step(new float[5], new float[3]));
        assertMessage(
                "frame[3]=NaN is not finite; check the sound for NaN",
                () -> session.step(new float[] {0, 0, 0, Float.NaN, 0}, logits));
        assertMessage("this model takes mel frames; call step(frame, logits)", () -> session.step(1, logits));
        Session tokens = reading.open(Backend.SCALAR);
        assertMessage("this model takes tokens; call step(token, logits)", () -> tokens.step(new float[5], logits));
        assertMessage("token=97 is out of range; choose one from 0 to 96", () -> tokens.step(97, new float[97]));
        session.close();
        assertMessage("this session is closed; open another from its model", () -> session.step(new float[5], logits));
    }

    private static void assertMessage(String expected, Runnable code) {
        assertEquals(expected, assertThrows(RuntimeException.class, code::run).getMessage());
    }

    @Test
    void autoSaysWhatItChoseAndWhyNotTheGpu() {
        Session session = hearing.open(Backend.AUTO);
        System.out.println(session.describe());
        assertTrue(session.backend() == Backend.VECTOR || session.backend() == Backend.SCALAR);
        assertTrue(
                session.describe()
                        .matches(
                                "mamba2, 2 layers, d_model=32, d_state=8, 0\\.0 M parameters, int8 weights in 0\\.0 MB, "
                                        + "(vector: \\d+-bit lanes|scalar: .*); cuda pays from 4 times as fast, and is about 0\\.\\d here, state [\\d,]+ bytes a stream"),
                session.describe());
    }
}
