/** Streaming log-mel features, resampling and Fourier transforms. */
package io.mambaaudio.dsp;
