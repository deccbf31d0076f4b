/** Live transcription: mel frames, a Mamba encoder and a decoder to words. */
package io.mambaaudio.speech;
