/** The command line. */
package io.mambaaudio.demo;
