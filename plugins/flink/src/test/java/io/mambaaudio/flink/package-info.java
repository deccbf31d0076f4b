/** Tests on a cluster inside this JVM. */
@NullMarked
package io.mambaaudio.flink;

import org.jspecify.annotations.NullMarked;
