package io.mambaaudio.demo.desktop;

import io.mambaaudio.speech.TranscriptEvent;
import io.mambaaudio.speech.TranscriptEvent.Final;
import io.mambaaudio.speech.TranscriptEvent.Partial;
import io.mambaaudio.speech.TranscriptEvent.Word;
import io.mambaaudio.speech.TranscriptWriter;
import java.awt.BorderLayout;
import java.awt.Dimension;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.DoubleConsumer;
import javax.swing.BorderFactory;
import javax.swing.JPanel;
import javax.swing.JScrollPane;
import javax.swing.JSplitPane;
import javax.swing.JTabbedPane;
import javax.swing.ScrollPaneConstants;
import javax.swing.Timer;
import org.jspecify.annotations.Nullable;

/**
 * All that is in the window: controls above, sound and text between, state below. It hears from the {@link Conductor} and, while a
 * take goes on, looks at it some 60 times a second. Event thread only.
 */
final class MainPanel extends JPanel implements Conductor.Listener {
    /** Painting takes at most a quarter of one core, on slow machines by painting less often. */
    private static final int SHARE_OF_PAINTING = 4;

    private static final int FRAME_MILLIS = 16;
    private static final int SLOWEST_FRAME_MILLIS = 100;

    private final transient Setup setup;
    private final transient Conductor conductor;
    private final transient Transcript transcript = new Transcript();
    private final transient Dialogs dialogs = new Dialogs(this);
    private final transient Choices choices;
    private final Deeds deeds;
    private final ToolRow tools;
    private final Banner banner;
    private final ScopeView scope;
    private final TranscriptView text;
    private final StatusRow status;
    private final Timer frames = new Timer(FRAME_MILLIS, e -> frame());
    private Theme theme;
    private transient @Nullable Pulse pulse;
    private transient DoubleConsumer onDelay = millis -> {};

    MainPanel(Setup setup) {
        super(new BorderLayout());
        this.setup = setup;
        theme = setup.theme();
        conductor = new Conductor(setup, this);
        choices = new Choices(setup);
        deeds = new Deeds(this);
        tools = new ToolRow(deeds, choices, theme);
        banner = new Banner(theme);
        scope = new ScopeView(theme);
        text = new TranscriptView(theme, this::point);
        status = new StatusRow(theme);
        add(above(), BorderLayout.NORTH);
        add(between(), BorderLayout.CENTER);
        add(status, BorderLayout.SOUTH);
        accept();
        phaseChanged();
    }

    private JPanel above() {
        JPanel above = new JPanel(new BorderLayout());
        above.add(tools, BorderLayout.NORTH);
        above.add(banner, BorderLayout.SOUTH);
        return above;
    }

    /** What is made of the sound is a tab below it; as long as there is only one, no tabs are seen. */
    private JSplitPane between() {
        scope.setName("scope");
        scope.getAccessibleContext().setAccessibleName("Sound");
        scope.setHint(
                "Press Listen and speak, or drop a sound file here",
                "WAV, AIFF, AU, FLAC, MP3, Ogg/Opus  ·  none at hand? File, Shipped Recording");
        text.setName("transcript");
        text.setHint("What is said appears here.");
        JScrollPane scroll = new JScrollPane(
                text, ScrollPaneConstants.VERTICAL_SCROLLBAR_AS_NEEDED, ScrollPaneConstants.HORIZONTAL_SCROLLBAR_NEVER);
        scroll.setBorder(BorderFactory.createEmptyBorder());
        scroll.getViewport().setOpaque(false);
        JTabbedPane tabs = new JTabbedPane();
        tabs.putClientProperty("JTabbedPane.hideTabAreaWithOneTab", true);
        tabs.putClientProperty("JTabbedPane.hasFullBorder", false);
        tabs.addTab("Transcript", scroll);
        tabs.setFocusable(tabs.getTabCount() > 1);
        tabs.setMinimumSize(new Dimension(200, 80));
        JSplitPane split = new JSplitPane(JSplitPane.VERTICAL_SPLIT, true, scope, tabs);
        split.setResizeWeight(0.5);
        split.setBorder(BorderFactory.createEmptyBorder());
        return split;
    }

    private void accept() {
        FileDrop.on(this, this::open, scope::setDropping);
        text.setDropTarget(null); // files that are dropped there are for the window, too
        choices.listen(this::microphoneChosen, this::modelChosen, this::chooseModel);
    }

    /** Looks for microphones, reads the model, and opens the files of the command line. */
    void begin() {
        findMicrophones();
        preload();
        open(setup.files());
    }

    Deeds deeds() {
        return deeds;
    }

    Choices choices() {
        return choices;
    }

    Conductor conductor() {
        return conductor;
    }

    ScopeView scope() {
        return scope;
    }

    TranscriptView text() {
        return text;
    }

    /** Who measures how long after its sound each text of the moment came, in milliseconds. */
    void measureDelays(DoubleConsumer consumer) {
        onDelay = consumer;
    }

    /** Fails with the line that the window complains with, if it has given up. */
    void check() {
        if (conductor.phase() == Conductor.Phase.IDLE && !banner.line().isEmpty()) {
            throw new IllegalStateException(banner.line());
        }
    }

    Banner banner() {
        return banner;
    }

    // What the user can do, see Deeds.

    void listenOrStop() {
        if (conductor.phase() == Conductor.Phase.IDLE) {
            play(List.of(Source.microphone(choices.microphone())));
        } else {
            conductor.stop();
        }
    }

    void chooseSounds() {
        open(dialogs.sounds());
    }

    void open(List<Path> files) {
        if (!files.isEmpty()) {
            play(files.stream().map(file -> Source.file(file, deeds.paced())).toList());
        }
    }

    void playSample() {
        play(List.of(setup.sampleSource()));
    }

    private void play(List<Source> sources) {
        banner.clear();
        conductor.choose(choices.model(), choices.backend());
        conductor.play(sources);
    }

    void save(TranscriptWriter.Format format, String ending) {
        List<Transcript.Chapter> chapters = transcript.forFormat(format);
        if (!chapters.isEmpty()) {
            dialogs.target(chapters.getLast().name(), ending)
                    .ifPresent(target -> Dialogs.save(chapters, format, target, status::say, banner::say));
        }
    }

    void findMicrophones() {
        choices.findMicrophones(banner::say);
    }

    void switchTheme() {
        setTheme(theme.other());
    }

    void setTheme(Theme newTheme) {
        theme = newTheme;
        theme.install();
        tools.setTheme(theme);
        banner.setTheme(theme);
        scope.setTheme(theme);
        status.setTheme(theme);
        text.setTheme(theme, transcript);
    }

    // Choices.

    private void microphoneChosen() {
        if (conductor.phase() != Conductor.Phase.IDLE
                && conductor.source().filter(Source::live).isPresent()) {
            play(List.of(Source.microphone(choices.microphone())));
        }
    }

    private void modelChosen() {
        preload();
        microphoneChosen(); // a file goes on as it began
    }

    private void chooseModel() {
        dialogs.model().ifPresent(choices::addModel);
    }

    private void preload() {
        conductor.choose(choices.model(), choices.backend());
        conductor.preload(choices::offer, banner::say);
    }

    /** A word that the caret is on. */
    private void point(Word word) {
        scope.reveal(word.startSeconds(), word.endSeconds());
        status.sayWord(Words.describe(word));
    }

    // The conductor.

    @Override
    public void phaseChanged() {
        Conductor.Phase phase = conductor.phase();
        String name = conductor.source().map(Source::name).orElse("");
        tools.show(phase);
        deeds.show(phase, !transcript.isEmpty());
        if (phase == Conductor.Phase.IDLE) {
            frames.stop();
        } else {
            frames.start();
            status.say(
                    switch (phase) {
                        case OPENING -> "Opening " + name + "…";
                        case STOPPING -> "Finishing " + name + "…";
                        default -> name;
                    });
        }
    }

    @Override
    public void began(Source source, Take take) {
        banner.clear();
        Transcript.Chapter chapter = transcript.begin(source.name());
        text.begin(source.name());
        scope.show(take.columns(), chapter.words());
        status.clear();
        status.sayWord("");
        pulse = new Pulse(take, System.nanoTime());
    }

    @Override
    public void ended(Optional<String> complaint) {
        frame();
        Pulse last = pulse;
        Take take = conductor.take().orElse(null);
        status.clear();
        String name = conductor.source().map(Source::name).orElse("");
        if (take != null && last != null) {
            status.say(name + " · " + Times.clock(take.seconds()));
            if (!take.realTime()) {
                status.showSpeed(last.meanSpeed(System.nanoTime()), false);
            }
        } else {
            status.say("Ready");
        }
        pulse = null;
        complaint.ifPresent(banner::say);
    }

    /** Goes on to what has happened since the frame before. */
    private void frame() {
        long start = System.nanoTime();
        Take take = conductor.take().orElse(null);
        Pulse beat = pulse;
        if (take != null && beat != null) {
            hear(take);
            scope.advance();
            status.showLevel(beat.level());
            if (beat.beat(start)) {
                status.show(beat, take.realTime());
                sayProgress(take);
            }
        }
        conductor.impatience().ifPresent(banner::say);
        rest();
    }

    private void hear(Take take) {
        for (@Nullable TranscriptEvent event = take.nextEvent(); event != null; event = take.nextEvent()) {
            if (event instanceof Final said) {
                transcript.add(said);
                scope.repaint(); // its words stand under sound that is there already
                deeds.show(conductor.phase(), true);
            }
            text.accept(event);
            if (event instanceof Partial) {
                onDelay.accept(take.delayMillis());
            }
        }
    }

    private void sayProgress(Take take) {
        if (conductor.phase() == Conductor.Phase.RUNNING) {
            String name = conductor.source().map(Source::name).orElse("");
            String of = take.totalSeconds().isPresent()
                    ? " of " + Times.clock(take.totalSeconds().getAsDouble())
                    : "";
            status.say(String.format(Locale.ROOT, "%s · %s%s", name, Times.clock(take.seconds()), of));
        }
    }

    private void rest() {
        long millis = SHARE_OF_PAINTING * scope.paintNanos() / 1_000_000;
        int delay = Math.clamp(millis, FRAME_MILLIS, SLOWEST_FRAME_MILLIS);
        if (delay > 1.5 * frames.getDelay() || delay < frames.getDelay() / 1.5) {
            frames.setDelay(delay);
        }
    }
}
