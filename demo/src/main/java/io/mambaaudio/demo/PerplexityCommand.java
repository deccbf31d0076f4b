package io.mambaaudio.demo;

import io.mambaaudio.models.Session;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.zip.Deflater;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** How well a language model foretells a text. */
@Command(
        name = "perplexity",
        mixinStandardHelpOptions = true,
        description = {
            "How well a language model foretells a text, read from its beginning to its end in one stream.",
            "Beside it: what gzip -9 makes of the text, and a Markov model of order 5."
        },
        footer = {
            "",
            "Examples:",
            "  mamba-audio perplexity book.txt",
            "  mamba-audio perplexity mamba-130m-hf/ held-out.txt --markov training.txt"
        })
final class PerplexityCommand implements Callable<Integer> {
    private static final int MAX_BYTES = 1 << 28;
    private static final int ORDER = 5;

    private final Terminal terminal;

    @Mixin
    private LanguageOptions language = new LanguageOptions();

    @Parameters(
            arity = "1..2",
            paramLabel = "[MODEL] FILE",
            hideParamSyntax = true,
            description = {
                "MODEL is a Hugging Face folder (config.json, model.safetensors, tokenizer.json) of a mamba or mamba2 model,",
                "or a checkpoint of ours. Default: a small model of bytes that ships, as a sample.",
                "FILE is the text, UTF-8."
            })
    private List<String> arguments = List.of();

    @Option(
            names = "--markov",
            paramLabel = "FILE",
            description =
                    "Train the Markov model on this text, too; it always learns from what it has read of the text itself.")
    private Optional<Path> markov = Optional.empty();

    @Option(names = "--tokens", paramLabel = "N", description = "Read this many tokens at most. Default: all.")
    private Optional<Integer> tokens = Optional.empty();

    PerplexityCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Path file = Path.of(arguments.getLast());
        byte[] text = read(file);
        LanguageOptions.Language opened = language.open(arguments);
        int[] all = opened.tokenizer().encode(new String(text, StandardCharsets.UTF_8));
        int count = Math.min(all.length, tokens.orElse(all.length));
        if (count < 1) {
            throw new UserError(file + " has no text; give one with at least one token");
        }
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            bytes += opened.tokenizer().bytes(all[i]).length;
        }
        try (Session session = opened.model().open(language.backend());
                Interruption interruption = Interruption.watch()) {
            double nats = nats(opened, session, all, count, interruption);
            if (interruption.asked()) {
                return Main.INTERRUPTED;
            }
            terminal.out()
                    .print(String.format(
                            Locale.ROOT,
                            "%s%n%,d tokens, %,d bytes: perplexity %.3f a token, %.4f nats a token%n%n",
                            session.describe(),
                            count,
                            bytes,
                            Math.exp(nats / count),
                            nats / count));
            row("this model", nats / Math.log(2) / bytes);
        }
        byte[] judged = bytes >= text.length ? text : java.util.Arrays.copyOf(text, (int) bytes);
        row("gzip -9", 8.0 * deflated(judged) / judged.length);
        Markov chain = new Markov(ORDER);
        markov.ifPresent(training -> chain.bits(read(training)));
        row("Markov, order 5", chain.bits(judged) / judged.length);
        return Main.OK;
    }

    private static double nats(
            LanguageOptions.Language opened, Session session, int[] tokens, int count, Interruption interruption) {
        float[] logits = new float[opened.model().config().vocabSize()];
        session.step(opened.start(), logits);
        double nats = 0;
        for (int i = 0; i < count && !interruption.asked(); i++) {
            nats += crossEntropy(logits, tokens[i]);
            session.step(tokens[i], logits);
        }
        return nats;
    }

    private static double crossEntropy(float[] logits, int token) {
        float most = Float.NEGATIVE_INFINITY;
        for (float logit : logits) {
            most = Math.max(most, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - most);
        }
        return Math.log(sum) + most - logits[token];
    }

    private static byte[] read(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new UserError(file + " has " + Files.size(file) + " bytes; give a text of at most " + MAX_BYTES);
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UserError(file + " cannot be read; check that it is there");
        }
    }

    private static long deflated(byte[] text) {
        try (Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION)) {
            deflater.setInput(text);
            deflater.finish();
            byte[] out = new byte[1 << 16];
            while (!deflater.finished()) {
                deflater.deflate(out);
            }
            return deflater.getBytesWritten() + 12; // gzip's header and checksum are longer than zlib's by so much
        }
    }

    private void row(String name, double bitsAByte) {
        terminal.out().print(String.format(Locale.ROOT, "%-16s %.4f bits a byte%n", name, bitsAByte));
        terminal.out().flush();
    }
}
