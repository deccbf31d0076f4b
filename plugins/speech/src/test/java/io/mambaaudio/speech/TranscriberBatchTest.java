package io.mambaaudio.speech;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.models.ModelException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class TranscriberBatchTest {
    private static final Mamba MODEL = TinyModel.open(7);
    private static final int RATE = 16_000;
    private static final StreamFormat FORMAT = new StreamFormat(RATE, 1);
    private static final int MOST = 2_400;

    private static Transcriber.Builder builder(Backend backend, boolean resets) {
        return Transcriber.builder(MODEL)
                .backend(backend)
                .gateRules(new GateRules(0, -200))
                .endpointRules(new EndpointRules(0.2, 0.2, 6, 5, resets));
    }

    /** A stream among others: its sound, how far it is, and what it told. */
    private static final class Speaker {
        private final float[] sound;
        private final List<TranscriptEvent> events = new ArrayList<>();
        private final Transcriber.Builder builder;
        private Transcriber transcriber;
        private int at;

        Speaker(long seed, double seconds, Transcriber.Builder builder) {
            sound = TranscriberTest.sound(seed, 1, RATE, seconds)[0];
            this.builder = builder;
            transcriber = builder.listener(events::add).build();
            transcriber.prepare(FORMAT, MOST);
        }

        /** Alone and at once. */
        static List<TranscriptEvent> alone(float[] sound, Transcriber.Builder builder) {
            List<TranscriptEvent> events = new ArrayList<>();
            try (Transcriber transcriber = builder.listener(events::add).build()) {
                transcriber.transcribe(sound, RATE);
            }
            return events;
        }

        boolean isOver() {
            return at > sound.length;
        }

        void hear(TranscriberBatch batch, int count) {
            if (at == sound.length) {
                batch.hearEnd(transcriber);
                at++;
            } else {
                int n = Math.min(count, sound.length - at);
                float[][] block = {new float[MOST]};
                System.arraycopy(sound, at, block[0], 0, n);
                batch.hear(transcriber, block, n);
                at += n;
            }
        }

        /** Goes on in another place of the same batch. */
        void move(TranscriberBatch batch) {
            byte[] saved = transcriber.save();
            transcriber.close();
            transcriber = builder.batch(batch).build();
            transcriber.prepare(FORMAT, MOST);
            transcriber.restore(saved);
        }
    }

    private static void none(Transcriber transcriber, RuntimeException thrown) {
        throw new AssertionError(transcriber.stats() + " failed", thrown);
    }

    private static List<Transcriber> transcribers(List<Speaker> speakers) {
        return speakers.stream().map(s -> s.transcriber).toList();
    }

    @ParameterizedTest
    @EnumSource(
            value = Backend.class,
            names = {"SCALAR", "VECTOR"})
    void anyMixtureOfStreamsThatComeGoAndMoveTellsWhatEachTellsAlone(Backend backend) {
        long seed = 11;
        SplittableRandom random = new SplittableRandom(seed);
        Map<Speaker, List<TranscriptEvent>> expected = new LinkedHashMap<>();
        List<Speaker> here = new ArrayList<>();
        int moves = 0;
        try (TranscriberBatch batch = TranscriberBatch.open(builder(backend, false), 9)) {
            while (expected.size() < 40 || !here.isEmpty()) {
                if (expected.size() < 40 && here.size() < 8 && random.nextInt(3) > 0) {
                    boolean resets = random.nextBoolean();
                    int beam = random.nextInt(3) == 0 ? 4 : 1;
                    Speaker comes = new Speaker(
                            random.nextInt(1000),
                            random.nextDouble(0, 4),
                            builder(backend, resets).beam(beam).batch(batch));
                    expected.put(
                            comes,
                            Speaker.alone(comes.sound, builder(backend, resets).beam(beam)));
                    here.add(comes);
                }
                List<Speaker> due =
                        here.stream().filter(s -> random.nextInt(4) > 0).toList();
                due.forEach(s -> s.hear(batch, random.nextInt(0, MOST + 1)));
                batch.step(transcribers(due), TranscriberBatchTest::none);
                here.stream().filter(Speaker::isOver).forEach(s -> s.transcriber.close());
                here.removeIf(Speaker::isOver);
                if (!here.isEmpty() && random.nextInt(8) == 0) {
                    here.get(random.nextInt(here.size())).move(batch);
                    moves++;
                }
            }
        }
        assertTrue(moves > 5, "moves: " + moves);
        expected.forEach((speaker, events) -> assertEquals(events, speaker.events, "seed=" + seed));
        long words = expected.values().stream().mapToLong(List::size).sum();
        assertTrue(words > 200, "events: " + words);
    }

    @Test
    void aStreamWhoseListenerFailsLeavesTheOthersAsTheyWere() {
        Backend backend = Backend.SCALAR;
        AtomicReference<RuntimeException> told = new AtomicReference<>();
        try (TranscriberBatch batch = TranscriberBatch.open(builder(backend, false), 3)) {
            Speaker first = new Speaker(1, 4, builder(backend, false).batch(batch));
            Speaker second = new Speaker(2, 4, builder(backend, false).batch(batch));
            Consumer<TranscriptEvent> fails = event -> {
                throw new IllegalStateException("on purpose");
            };
            Transcriber bad =
                    builder(backend, false).batch(batch).listener(fails).build();
            bad.prepare(FORMAT, MOST);
            float[][] sound = TranscriberTest.sound(3, 1, RATE, 0.1);
            for (int round = 0; !first.isOver(); round++) {
                first.hear(batch, 1600);
                second.hear(batch, 1600);
                List<Transcriber> due = new ArrayList<>(transcribers(List.of(first, second)));
                if (told.get() == null) {
                    batch.hear(bad, sound, sound[0].length);
                    due.add(1, bad);
                } else if (round % 4 == 0) {
                    bad.reset(); // it can begin again
                    told.set(null);
                }
                batch.step(due, (transcriber, thrown) -> {
                    assertEquals(bad, transcriber);
                    told.set(thrown);
                });
            }
            assertEquals(Speaker.alone(first.sound, builder(backend, false)), first.events);
            assertEquals(Speaker.alone(second.sound, builder(backend, false)), second.events);
            assertArrayEquals(stateAfter(first.sound, builder(backend, false)), first.transcriber.save());
        }
    }

    private static byte[] stateAfter(float[] sound, Transcriber.Builder builder) {
        try (Transcriber transcriber = builder.listener(e -> {}).build()) {
            transcriber.transcribe(sound, RATE);
            return transcriber.save();
        }
    }

    @Test
    void aTranscriberOfABatchIsAlsoAProcessorByItself() {
        Backend backend = Backend.SCALAR;
        float[] sound = TranscriberTest.sound(9, 1, RATE, 4)[0];
        List<TranscriptEvent> alone = Speaker.alone(sound, builder(backend, true));
        try (TranscriberBatch batch = TranscriberBatch.open(builder(backend, true), 2)) {
            assertFalse(alone.isEmpty());
            assertEquals(alone, Speaker.alone(sound, builder(backend, true).batch(batch)));
            assertEquals(alone, Speaker.alone(sound, builder(backend, true).batch(batch.sibling(1))));
        }
    }

    @Test
    void whatIsSavedInABatchGoesOnOutsideAndBack() {
        Backend backend = Backend.SCALAR;
        Map<String, byte[]> saved = new HashMap<>();
        float[] sound = TranscriberTest.sound(5, 1, RATE, 1.03)[0];
        try (TranscriberBatch batch = TranscriberBatch.open(builder(backend, false), 2);
                Transcriber inside = builder(backend, false).batch(batch).build();
                Transcriber outside = builder(backend, false).build()) {
            for (Transcriber t : List.of(inside, outside)) {
                t.prepare(FORMAT, sound.length);
                t.process(new float[][] {sound}, new float[1][sound.length], sound.length);
                saved.put(t == inside ? "inside" : "outside", t.save());
            }
            assertArrayEquals(saved.get("outside"), saved.get("inside"));
            inside.restore(saved.get("outside"));
            assertArrayEquals(saved.get("outside"), inside.save());
        }
    }

    @Test
    void aFullBatchAndAnotherModelAreRefusedInOneLine() {
        try (TranscriberBatch batch = TranscriberBatch.open(builder(Backend.SCALAR, false), 1)) {
            Transcriber first = builder(Backend.SCALAR, false).batch(batch).build();
            ModelException full = assertThrows(
                    ModelException.class,
                    () -> builder(Backend.SCALAR, false).batch(batch).build());
            assertEquals(
                    "all 1 slots of this batch are taken; let a stream leave, or open a batch with a larger capacity",
                    full.getMessage());
            first.close();
            builder(Backend.SCALAR, false).batch(batch).build().close();
            Transcriber.Builder other = Transcriber.builder(TinyModel.open(8));
            assertEquals(
                    "the batch is of another model; open one with TranscriberBatch.open from a builder of this model",
                    assertThrows(IllegalArgumentException.class, () -> other.batch(batch))
                            .getMessage());
        }
    }
}
