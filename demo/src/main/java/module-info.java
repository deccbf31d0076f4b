import org.jspecify.annotations.NullMarked;

/** The command line. */
@NullMarked
module io.mambaaudio.demo {
    requires com.formdev.flatlaf;
    requires com.formdev.flatlaf.fonts.inter;
    requires info.picocli;
    requires io.mambaaudio.music;
    requires io.mambaaudio.pretrained;
    requires io.mambaaudio.server;
    requires io.mambaaudio.speech;
    requires java.management;
    requires static org.jspecify;
    requires tools.jackson.jr.ob;

    provides System.LoggerFinder with
            io.mambaaudio.demo.QuietLoggers;

    opens io.mambaaudio.demo to
            info.picocli;
}
