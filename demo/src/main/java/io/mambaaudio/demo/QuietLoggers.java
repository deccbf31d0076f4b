package io.mambaaudio.demo;

import java.text.MessageFormat;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/** Where the libraries' log goes: to standard error with {@code --verbose}, else only warnings and errors. */
public final class QuietLoggers extends System.LoggerFinder {
    static final String VERBOSE = "mamba.audio.verbose";

    /** For {@link java.util.ServiceLoader}. */
    public QuietLoggers() {}

    @Override
    public System.Logger getLogger(String name, Module module) {
        return new Quiet(name);
    }

    private record Quiet(String name) implements System.Logger {
        @Override
        public String getName() {
            return name;
        }

        @Override
        public boolean isLoggable(Level level) {
            boolean ours = name.startsWith("io.mambaaudio");
            Level least = Boolean.getBoolean(VERBOSE) ? (ours ? Level.DEBUG : Level.INFO) : Level.WARNING;
            return level.getSeverity() >= least.getSeverity() && level != Level.OFF;
        }

        @Override
        public void log(
                Level level, @Nullable ResourceBundle bundle, @Nullable String message, @Nullable Throwable thrown) {
            if (isLoggable(level)) {
                System.err.println("mamba-audio: " + message + (thrown == null ? "" : ": " + thrown));
                System.err.flush();
            }
        }

        @Override
        public void log(
                Level level, @Nullable ResourceBundle bundle, @Nullable String format, @Nullable Object... arguments) {
            if (isLoggable(level)) {
                boolean plain = arguments == null || arguments.length == 0 || format == null;
                log(level, bundle, plain ? format : MessageFormat.format(format, arguments), (Throwable) null);
            }
        }
    }
}
