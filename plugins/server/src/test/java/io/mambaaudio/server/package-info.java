/** Tests of the server, as its clients meet it: over sockets. */
@NullMarked
package io.mambaaudio.server;

import org.jspecify.annotations.NullMarked;
