// SPDX-License-Identifier: GPL-3.0-only
/** Programs to copy from; a test runs them. */
package io.mambaaudio.tarsosdsp.example;
