package io.mambaaudio.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class SessionBatchTest {
    private static final long SEED = Long.getLong("mamba.seed", System.nanoTime());
    private static final RandomCheckpoint TINY = RandomCheckpoint.tiny(true, 7);
    private static final int CAPACITY = 40; // more than the CPU takes through the model together

    @TempDir
    static Path folder;

    private static Mamba hearing;
    private static Mamba reading;

    @BeforeAll
    static void load() {
        System.out.println("session batch: -Dmamba.seed=" + SEED);
        hearing = Mamba.open(TINY.write(folder.resolve("hearing.safetensors")));
        reading = Mamba.open(Resources.path("golden/mamba1-a"));
    }

    /** A stream in the batch, with a session that is given the same inputs alone. */
    private record Pair(int slot, Session alone) {}

    @ParameterizedTest
    @EnumSource(names = {"SCALAR", "VECTOR"})
    void aStreamOfFramesNeverDependsOnWhoElseIsInTheBatch(Backend backend) {
        Random random = new Random(SEED);
        try (SessionBatch batch = SessionBatch.open(hearing, backend, CAPACITY)) {
            List<Pair> live = new ArrayList<>();
            float[] frames = new float[CAPACITY * TINY.nMels()];
            float[] logits = new float[CAPACITY * TINY.vocab()];
            float[] row = new float[TINY.vocab()];
            boolean[] stepped = new boolean[CAPACITY];
            int rows = 0;
            for (int round = 0; round < 300; round++) {
                comeAndGo(batch, hearing, live, random);
                List<Pair> due = some(live, random);
                for (int i = 0; i < due.size() * TINY.nMels(); i++) {
                    frames[i] = (float) random.nextGaussian();
                }
                batch.step(slots(due), due.size(), frames, logits, stepped);
                for (int i = 0; i < due.size(); i++) {
                    float[] frame = Arrays.copyOfRange(frames, i * TINY.nMels(), (i + 1) * TINY.nMels());
                    assertEquals(due.get(i).alone().step(frame, row), stepped[i], "seed " + SEED);
                    if (stepped[i]) {
                        rows++;
                        assertArrayEquals(row, row(logits, i, row.length), "round " + round + ", seed " + SEED);
                    }
                }
            }
            assertEquals(true, rows > 100, rows + " rows compared");
            assertSameStates(batch, live);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SCALAR", "VECTOR"})
    void aStreamOfTokensNeverDependsOnWhoElseIsInTheBatch(Backend backend) {
        Random random = new Random(SEED);
        int vocab = reading.config().vocabSize();
        try (SessionBatch batch = SessionBatch.open(reading, backend, CAPACITY)) {
            List<Pair> live = new ArrayList<>();
            float[] logits = new float[CAPACITY * vocab];
            float[] row = new float[vocab];
            for (int round = 0; round < 60; round++) {
                comeAndGo(batch, reading, live, random);
                List<Pair> due = some(live, random);
                int[] tokens = random.ints(CAPACITY, 0, vocab).toArray();
                batch.step(slots(due), due.size(), tokens, logits);
                for (int i = 0; i < due.size(); i++) {
                    due.get(i).alone().step(tokens[i], row);
                    assertArrayEquals(row, row(logits, i, vocab), "round " + round + ", seed " + SEED);
                }
            }
            assertSameStates(batch, live);
        }
    }

    private static void comeAndGo(SessionBatch batch, Mamba model, List<Pair> live, Random random) {
        for (int i = random.nextInt(4); i > 0 && live.size() < CAPACITY; i--) {
            live.add(new Pair(batch.join(), model.open(batch.backend())));
        }
        if (live.isEmpty()) {
            return;
        }
        Pair one = live.get(random.nextInt(live.size()));
        switch (random.nextInt(40)) {
            case 0 -> {
                batch.leave(one.slot());
                live.remove(one);
            }
            case 1 -> {
                batch.reset(one.slot());
                one.alone().reset();
            }
            case 2 -> {
                Pair other = live.get(random.nextInt(live.size()));
                batch.restore(one.slot(), batch.snapshot(other.slot()));
                one.alone().restore(other.alone().snapshot());
            }
            default -> {}
        }
    }

    private static List<Pair> some(List<Pair> live, Random random) {
        List<Pair> due = new ArrayList<>(live);
        java.util.Collections.shuffle(due, random);
        return due.subList(0, due.isEmpty() ? 0 : random.nextInt(due.size() + 1));
    }

    private static int[] slots(List<Pair> due) {
        return due.stream().mapToInt(Pair::slot).toArray();
    }

    private static float[] row(float[] logits, int i, int vocab) {
        return Arrays.copyOfRange(logits, i * vocab, (i + 1) * vocab);
    }

    private static void assertSameStates(SessionBatch batch, List<Pair> live) {
        for (Pair pair : live) {
            assertArrayEquals(
                    pair.alone().snapshot().toBytes(),
                    batch.snapshot(pair.slot()).toBytes(),
                    "seed " + SEED);
        }
    }

    @Test
    void aFullBatchSaysSoAndHasRoomAgainWhenAStreamLeaves() {
        try (SessionBatch batch = SessionBatch.open(hearing, Backend.SCALAR, 2)) {
            batch.join();
            int second = batch.join();
            ModelException e = assertThrows(ModelException.class, batch::join);
            assertEquals(
                    "all 2 slots of this batch are taken; let a stream leave, or open a batch with a larger capacity",
                    e.getMessage());
            batch.leave(second);
            assertEquals(second, batch.join());
        }
    }

    @Test
    void aNewStreamKnowsNothingOfTheOneThatHadItsSlot() {
        float[] logits = new float[TINY.vocab()];
        try (SessionBatch batch = SessionBatch.open(hearing, Backend.SCALAR, 1);
                Session fresh = hearing.open(Backend.SCALAR)) {
            int slot = batch.join();
            for (int i = 0; i < 10; i++) {
                batch.step(new int[] {slot}, 1, new float[] {1, 2, 3, 4, 5}, logits, new boolean[1]);
            }
            batch.leave(slot);
            assertArrayEquals(
                    fresh.snapshot().toBytes(), batch.snapshot(batch.join()).toBytes());
        }
    }

    @Test
    void wrongUseIsToldInOneLineAndMovesNoState() {
        SessionBatch batch = SessionBatch.open(hearing, Backend.SCALAR, 3);
        int slot = batch.join();
        int other = batch.join();
        batch.step(new int[] {slot, other}, 2, new float[10], new float[22], new boolean[2]);
        byte[] before = batch.snapshot(slot).toBytes();
        int[] both = {slot, other};
        assertMessage(
                "slot=0 is in this call twice; step it once a call",
                () -> batch.step(new int[] {0, 0}, 2, new float[10], new float[22], new boolean[2]));
        assertMessage(
                "slot=2 has no stream; take one from join()",
                () -> batch.step(new int[] {0, 2}, 2, new float[10], new float[22], new boolean[2]));
        assertMessage(
                "count=3 is out of range; choose 0 to 2",
                () -> batch.step(both, 3, new float[15], new float[33], new boolean[3]));
        assertMessage(
                "frames has 9 values, expected at least count(2) * nMels(5)",
                () -> batch.step(both, 2, new float[9], new float[22], new boolean[2]));
        assertMessage(
                "logits has 21 values, expected at least count(2) * vocabSize(11)",
                () -> batch.step(both, 2, new float[10], new float[21], new boolean[2]));
        float[] frames = new float[10];
        frames[8] = Float.NaN;
        assertMessage(
                "frame[3]=NaN is not finite; check the sound for NaN",
                () -> batch.step(both, 2, frames, new float[22], new boolean[2]));
        assertMessage(
                "frame[3]=NaN is not finite; check the sound for NaN",
                () -> batch.prefill(slot, frames, 2, new float[0]));
        assertMessage(
                "this model takes mel frames; call step(frame, logits)",
                () -> batch.step(both, 2, new int[2], new float[22]));
        assertMessage("slot=-1 has no stream; take one from join()", () -> batch.leave(-1));
        assertMessage(
                "capacity=0 is out of range; choose 1 or more", () -> SessionBatch.open(hearing, Backend.SCALAR, 0));
        assertArrayEquals(before, batch.snapshot(slot).toBytes());
        batch.close();
        assertMessage("this session is closed; open another from its model", batch::join);
    }

    private static void assertMessage(String expected, Runnable code) {
        assertEquals(expected, assertThrows(RuntimeException.class, code::run).getMessage());
    }

    @ParameterizedTest
    @EnumSource(names = {"SCALAR", "VECTOR"})
    void aStepOfManyAllocatesNothingOnceWarm(Backend backend) {
        SessionBatch batch = SessionBatch.open(hearing, backend, 3);
        int[] slots = {batch.join(), batch.join(), batch.join()};
        float[] frames = new float[3 * TINY.nMels()];
        float[] logits = new float[3 * TINY.vocab()];
        boolean[] stepped = new boolean[3];
        Runnable steps = () -> {
            for (int i = 0; i < 6_000; i++) {
                batch.step(slots, 3, frames, logits, stepped);
            }
        };
        long bytes = Long.MAX_VALUE;
        for (int rounds = 0; bytes != 0 && rounds < 20; rounds++) { // until the compiler is through
            bytes = Allocations.bytes(steps);
        }
        assertEquals(0, bytes);
    }
}
