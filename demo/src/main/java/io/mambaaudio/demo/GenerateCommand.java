package io.mambaaudio.demo;

import io.mambaaudio.models.Sampler;
import io.mambaaudio.models.Session;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Goes on with a text. */
@Command(
        name = "generate",
        mixinStandardHelpOptions = true,
        description = {
            "Go on with a text: a Mamba language model writes, token by token, in a state of fixed size.",
            "Memory and time for a token stay the same however long the text gets."
        },
        footer = {
            "",
            "Examples:",
            "  mamba-audio generate \"It was a dark\"",
            "  mamba-audio generate mamba-130m-hf/ \"The snake\" --tokens 2000 --temperature 0.8 --seed 7"
        })
final class GenerateCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private LanguageOptions language = new LanguageOptions();

    @Parameters(
            arity = "1..2",
            paramLabel = "[MODEL] PROMPT",
            hideParamSyntax = true,
            description = {
                "MODEL is a Hugging Face folder (config.json, model.safetensors, tokenizer.json) of a mamba or mamba2 model,",
                "or a checkpoint of ours. Default: a small model of bytes that ships, as a sample.",
                "PROMPT is the text to go on with; may be empty."
            })
    private List<String> arguments = List.of();

    @Option(
            names = "--tokens",
            paramLabel = "N",
            defaultValue = "200",
            description =
                    "How many tokens to write at most; the model may end its text before. Default: ${DEFAULT-VALUE}.")
    private long tokens;

    @Option(
            names = "--temperature",
            paramLabel = "X",
            defaultValue = "0.8",
            description = "0 always takes the likeliest token, 1 draws as the model says. Default: ${DEFAULT-VALUE}.")
    private float temperature;

    @Option(
            names = "--top-p",
            paramLabel = "X",
            defaultValue = "0.95",
            description = "Draw from the likeliest tokens that have this share together. Default: ${DEFAULT-VALUE}.")
    private float topP;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "The same seed gives the same text. Default: another one each time; it is printed.")
    private Optional<Long> seed = Optional.empty();

    GenerateCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        if (!(temperature >= 0 && temperature <= 100) || !(topP > 0 && topP <= 1)) {
            throw new UserError("--temperature " + temperature + " --top-p " + topP
                    + " is out of range; choose a temperature of 0 to 100 and a top-p above 0, at most 1");
        }
        if (tokens < 1) {
            throw new UserError("--tokens " + tokens + " is out of range; choose at least 1");
        }
        LanguageOptions.Language opened = language.open(arguments);
        try (Session session = opened.model().open(language.backend());
                Interruption interruption = Interruption.watch()) {
            write(opened, session, arguments.getLast(), interruption);
        }
        return Main.OK;
    }

    private void write(LanguageOptions.Language opened, Session session, String prompt, Interruption interruption) {
        long seed = this.seed.orElseGet(() -> ThreadLocalRandom.current().nextLong(1_000_000));
        int vocab = opened.model().config().vocabSize();
        float[] logits = new float[vocab];
        Sampler sampler = new Sampler(seed, vocab);
        int[] given = prompt.isEmpty()
                ? new int[] {opened.start()}
                : opened.tokenizer().encode(prompt);
        session.prefill(given, given.length, logits);

        terminal.out().print(prompt);
        TokenPrinter printer = new TokenPrinter(terminal.out());
        int end = opened.tokenizer().endOfText().orElse(-1);
        long start = System.nanoTime();
        long written = 0;
        while (written < tokens && !interruption.asked()) {
            int token = sampler.choose(logits, 0, vocab, temperature, topP);
            if (token == end) {
                break;
            }
            printer.print(opened.tokenizer().bytes(token));
            written++;
            session.step(token, logits);
        }
        printer.end();
        terminal.out().print("\n");
        terminal.out().flush();
        double seconds = (System.nanoTime() - start) / 1e9;
        terminal.err()
                .print(String.format(
                        Locale.ROOT,
                        "%,d tokens, %.0f a second, state %,d bytes, --seed %d%n",
                        written,
                        written / seconds,
                        session.stateBytes(),
                        seed));
    }
}
