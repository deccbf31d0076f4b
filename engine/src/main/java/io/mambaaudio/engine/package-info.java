/** The audio engine: inputs, outputs, processors and the threads between them. */
package io.mambaaudio.engine;
