/**
 * The audio engine: inputs, outputs, processors and the threads between them.
 *
 * <p>Start at {@link io.mambaaudio.engine.AudioEngine}: {@link io.mambaaudio.engine.AudioInputs} →
 * {@link io.mambaaudio.engine.OneToOneFloatRing} → a chain of {@link io.mambaaudio.engine.Processor} →
 * {@code OneToOneFloatRing} → {@link io.mambaaudio.engine.AudioOutputs}, watched through
 * {@link io.mambaaudio.engine.EngineStats} and Flight Recorder.
 */
package io.mambaaudio.engine;
