@NullMarked
package io.mambaaudio.demo;

import org.jspecify.annotations.NullMarked;
