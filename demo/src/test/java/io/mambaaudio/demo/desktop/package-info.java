/** Tests of the window: without a screen where that is possible, under Xvfb where it is not. */
@org.jspecify.annotations.NullMarked
package io.mambaaudio.demo.desktop;
