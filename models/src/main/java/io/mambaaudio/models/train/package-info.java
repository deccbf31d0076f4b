/**
 * Training on the CPU: layers with a forward and a backward pass each, explicit and without a tape, AdamW, schedules, and the checkpoints that
 * {@link io.mambaaudio.models.Mamba} loads.
 *
 * <pre>{@code
 * Network network = Network.create(NetworkConfig.mamba1(256, 128, 4), seed, Keep.PROJECTIONS, parallel);
 * AdamW optimiser = new AdamW(network.parameters(), AdamW.Settings.LANGUAGE);
 * for (int step = 0; step < schedule.steps(); step++) {
 *     network.clearGradients();
 *     double nats = network.learn(batch);
 *     optimiser.step(schedule.rate(step));
 * }
 * network.write(Path.of("model.safetensors"), false);
 * }</pre>
 *
 * <p>The backward pass does not store the states: see {@link io.mambaaudio.models.train.Keep}. This package makes no threads, and its results
 * are the same bits whatever threads are handed in ({@link io.mambaaudio.models.Parallel}). What a programmer does wrong is an
 * {@link java.lang.IllegalArgumentException}.
 */
package io.mambaaudio.models.train;
