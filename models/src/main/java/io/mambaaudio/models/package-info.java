/** Mamba models that run one frame at a time in a state of fixed size. */
package io.mambaaudio.models;
