package io.mambaaudio.demo;

/** The command line. */
public final class Main {
    private Main() {}

    /**
     * Starts the command line.
     *
     * @param args the command and its options
     */
    public static void main(String[] args) {}
}
