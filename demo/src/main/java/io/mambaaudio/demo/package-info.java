/**
 * The command line. {@link io.mambaaudio.demo.Main} parses, one class a command does the work, {@link io.mambaaudio.demo.Terminal} is
 * the only way out to the user. Everything here runs on the main thread; threads are the engine's.
 */
package io.mambaaudio.demo;
