/**
 * Mamba models that run one frame at a time in a state of fixed size.
 *
 * <p>{@link io.mambaaudio.models.Checkpoint} maps and validates files; {@link io.mambaaudio.models.Mamba} is what was loaded, immutable and
 * shared; {@link io.mambaaudio.models.Session} is one stream's state and its step, {@link io.mambaaudio.models.SessionBatch} those of many;
 * {@link io.mambaaudio.models.Snapshot} is a state saved.
 *
 * <pre>{@code
 * Mamba model = Mamba.open(Path.of("model.safetensors"));
 * try (Session session = model.open(Backend.AUTO)) {
 *     float[] logits = new float[model.config().vocabSize()];
 *     if (session.step(frame, logits)) { ... }
 * }
 * }</pre>
 *
 * <p>How a step is computed on the CPU: {@code cpu.CpuSlots.forward}, then {@code cpu.Blocks.forward}, in the papers' words. The seam to other
 * devices is {@code backend.Slots}. What a
 * user can do wrong is a {@link io.mambaaudio.models.ModelException} with one line; what a programmer can do wrong is an
 * {@link java.lang.IllegalArgumentException} or {@link java.lang.IllegalStateException}.
 */
package io.mambaaudio.models;
