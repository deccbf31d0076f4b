/** Processors of ours inside a TarsosDSP dispatcher, and of TarsosDSP inside our engine. */
package io.mambaaudio.tarsosdsp;
