/** Tests of the Java half, with a host of LV2 plugins that is no host. */
@NullMarked
package io.mambaaudio.lv2;

import org.jspecify.annotations.NullMarked;
