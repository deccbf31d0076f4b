/**
 * The desktop window: {@code mamba-audio desktop}. {@link io.mambaaudio.demo.desktop.Desktop} opens it.
 *
 * <p>Three kinds of threads meet here. The engine's worker transcribes and fills a ring of {@code Columns}; Swing's background
 * workers open models, files and devices, and wait for them; the event thread alone touches components, and never waits. What
 * crosses over goes through that ring, through a concurrent queue of events, or through a background worker's own hand-over.
 */
package io.mambaaudio.demo.desktop;
