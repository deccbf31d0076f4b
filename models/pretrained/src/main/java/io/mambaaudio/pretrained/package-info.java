/** Where the shipped weights are found. */
package io.mambaaudio.pretrained;
