/**
 * The seam of the CPU backends: what one step is made of, as plain loops ({@link io.mambaaudio.models.cpu.ScalarKernels}, the specification)
 * and with the Vector API ({@link io.mambaaudio.models.cpu.VectorKernels}). Not exported, and the only package that imports
 * {@code jdk.incubator.vector}.
 */
package io.mambaaudio.models.cpu;
