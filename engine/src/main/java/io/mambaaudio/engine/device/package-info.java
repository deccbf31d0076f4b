/** The devices, files and formats behind {@code AudioInputs} and {@code AudioOutputs}. Not exported. */
package io.mambaaudio.engine.device;
