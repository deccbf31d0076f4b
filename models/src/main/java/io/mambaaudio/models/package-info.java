/**
 * Mamba models that run one frame at a time in a state of fixed size.
 *
 * <p>{@link io.mambaaudio.models.Checkpoint} maps and validates files; {@link io.mambaaudio.models.Mamba} is what was loaded, immutable and
 * shared; {@link io.mambaaudio.models.Session} is one stream's state and its step; {@link io.mambaaudio.models.Snapshot} is that state saved.
 *
 * <pre>{@code
 * Mamba model = Mamba.open(Path.of("model.safetensors"));
 * try (Session session = model.open(Backend.AUTO)) {
 *     float[] logits = new float[model.config().vocabSize()];
 *     if (session.step(frame, logits)) { ... }
 * }
 * }</pre>
 *
 * <p>How a step is computed: {@code Session.forward}, then {@code Layer.Mamba1.step} or {@code Layer.Mamba2.step}, in the papers' words. What a
 * user can do wrong is a {@link io.mambaaudio.models.ModelException} with one line; what a programmer can do wrong is an
 * {@link java.lang.IllegalArgumentException} or {@link java.lang.IllegalStateException}.
 */
package io.mambaaudio.models;
