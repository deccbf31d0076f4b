package io.mambaaudio.engine;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** What the engine tells Flight Recorder. Without a recording each costs one check of a flag. */
final class EngineEvents {
    private EngineEvents() {}

    @Name("io.mambaaudio.Block")
    @Label("Audio Block")
    @Description("One block through the chain of processors")
    @Category("Mamba Audio")
    @StackTrace(false)
    static final class Block extends Event {
        @Label("Frames")
        int frames;

        @Label("Frames Still Waiting")
        int waitingFrames;
    }

    @Name("io.mambaaudio.Drop")
    @Label("Audio Drop")
    @Description("Frames that were lost because the next thread came too late")
    @Category("Mamba Audio")
    @StackTrace(false)
    static final class Drop extends Event {
        @Label("Where")
        String where = "";

        @Label("Frames")
        int frames;
    }

    @Name("io.mambaaudio.Underrun")
    @Label("Audio Underrun")
    @Description("The output device ran dry")
    @Category("Mamba Audio")
    @StackTrace(false)
    static final class Underrun extends Event {
        @Label("Underruns So Far")
        long total;
    }

    @Name("io.mambaaudio.Stop")
    @Label("Audio Stop")
    @Description("The end of a stream")
    @Category("Mamba Audio")
    @StackTrace(false)
    static final class Stop extends Event {
        @Label("Input")
        String input = "";

        @Label("Failure")
        String failure = "";

        @Label("Frames Processed")
        long frames;
    }

    /** Frames lost at a place; rare, so the object may be made anew. */
    static void drop(String where, int frames) {
        Drop event = new Drop();
        if (event.isEnabled()) {
            event.where = where;
            event.frames = frames;
            event.commit();
        }
    }

    /** One more time that the output ran dry. */
    static void underrun(long total) {
        Underrun event = new Underrun();
        if (event.isEnabled()) {
            event.total = total;
            event.commit();
        }
    }

    /** The end of a stream. */
    static void stop(String input, EngineControl control, EngineStats stats) {
        Stop event = new Stop();
        if (event.isEnabled()) {
            event.input = input;
            event.failure = control.failure().map(EngineException::getMessage).orElse("");
            event.frames = stats.framesProcessed();
            event.commit();
        }
    }
}
