package io.mambaaudio.demo;

/** A mistake of the user: the message is one line that says the value, the limit and the next action. Exit code 2. */
final class UserError extends RuntimeException {
    UserError(String message) {
        super(message);
    }
}
