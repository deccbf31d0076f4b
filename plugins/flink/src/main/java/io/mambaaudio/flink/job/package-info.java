/** The jobs as programs: on a cluster of one JVM, or handed to a Flink cluster with {@code flink run}. */
@NullMarked
package io.mambaaudio.flink.job;

import org.jspecify.annotations.NullMarked;
