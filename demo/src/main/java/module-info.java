import org.jspecify.annotations.NullMarked;

/** The command line. */
@NullMarked
module io.mambaaudio.demo {
    requires info.picocli;
    requires io.mambaaudio.pretrained;
    requires io.mambaaudio.server;
    requires io.mambaaudio.speech;
    requires static org.jspecify;
    requires tools.jackson.jr.ob;

    provides System.LoggerFinder with
            io.mambaaudio.demo.QuietLoggers;

    opens io.mambaaudio.demo to
            info.picocli;
}
