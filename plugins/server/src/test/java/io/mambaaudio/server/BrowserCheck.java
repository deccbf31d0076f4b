package io.mambaaudio.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.jr.ob.JSON;

/**
 * Opens the page of a running server in a headless Chromium whose microphone is a file, presses the button as a person would, and waits
 * for live text.
 *
 * <p>{@code BrowserCheck PORT SPEECH.wav SCREENSHOT.png [SECONDS]}, with {@code chromium} on the PATH. The exit code is 1 if there was no
 * partial text or no finished text. The screenshot is taken while both can be seen,
 * if they can.
 */
final class BrowserCheck implements WebSocket.Listener {
    private static final String STATE = "JSON.stringify({partial: document.getElementById('partial').textContent,"
            + " finals: [...document.querySelectorAll('.final')].map(p => p.textContent),"
            + " status: document.getElementById('status').textContent})";

    private final BlockingQueue<Map<String, Object>> messages = new LinkedBlockingQueue<>();
    private final StringBuilder fragments = new StringBuilder();
    private @Nullable WebSocket socket;
    private int commands;

    private BrowserCheck() {}

    /** See the class. */
    public static void main(String[] args) throws Exception {
        Path profile = Files.createTempDirectory("chromium");
        Process chromium = new ProcessBuilder(List.of(
                        "chromium",
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--user-data-dir=" + profile,
                        "--remote-debugging-port=0",
                        "--remote-allow-origins=*",
                        "--window-size=1000,760",
                        "--use-fake-ui-for-media-stream",
                        "--use-fake-device-for-media-stream",
                        "--use-file-for-fake-audio-capture=" + args[1] + "%noloop",
                        "http://localhost:" + args[0] + "/"))
                .redirectErrorStream(true)
                .redirectOutput(profile.resolve("log").toFile())
                .start();
        int code;
        try {
            int seconds = args.length > 3 ? Integer.parseInt(args[3]) : 30;
            boolean good = new BrowserCheck().run(profile, Path.of(args[2]), seconds);
            System.out.println(good ? "live text appeared" : "NO live text");
            code = good ? 0 : 1;
        } finally {
            chromium.destroy();
        }
        System.exit(code);
    }

    private boolean run(Path profile, Path screenshot, int seconds) throws Exception {
        int port = debuggingPort(profile);
        HttpClient http = HttpClient.newHttpClient();
        socket = http.newWebSocketBuilder()
                .buildAsync(URI.create(page(http, port)), this)
                .get(10, TimeUnit.SECONDS);
        Thread.sleep(1000);
        click();
        boolean partial = false;
        boolean taken = false;
        String partials = "";
        Map<String, Object> state = state();
        for (int i = 0; i < 10 * seconds; i++) {
            Thread.sleep(100);
            state = state();
            String now = String.valueOf(state.get("partial"));
            int finals = ((List<?>) state.getOrDefault("finals", List.of())).size();
            if (!now.isEmpty() && !now.equals(partials)) {
                partials = now;
                System.out.println("partial: " + now);
            }
            partial |= !now.isEmpty();
            if (finals >= 3 && now.contains(" ") && !taken) {
                shoot(screenshot);
                taken = true;
            }
        }
        click();
        Thread.sleep(2000);
        state = state();
        System.out.println(state);
        if (!taken) {
            shoot(screenshot);
        }
        return partial && !((List<?>) state.getOrDefault("finals", List.of())).isEmpty();
    }

    private static int debuggingPort(Path profile) throws IOException, InterruptedException {
        Path file = profile.resolve("DevToolsActivePort");
        for (int i = 0; i < 300; i++) {
            if (Files.exists(file) && Files.size(file) > 0) {
                try (Stream<String> lines = Files.lines(file)) {
                    return Integer.parseInt(lines.findFirst().orElseThrow());
                }
            }
            Thread.sleep(100);
        }
        throw new IOException("chromium did not start: " + Files.readString(profile.resolve("log")));
    }

    private static String page(HttpClient http, int port) throws Exception {
        for (int i = 0; i < 100; i++) {
            String list = http.send(
                            java.net.http.HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/json/list"))
                                    .build(),
                            java.net.http.HttpResponse.BodyHandlers.ofString())
                    .body();
            Optional<String> address = JSON.std.listFrom(list).stream()
                    .map(target -> (Map<?, ?>) target)
                    .filter(target -> "page".equals(target.get("type")))
                    .map(target -> String.valueOf(target.get("webSocketDebuggerUrl")))
                    .findFirst();
            if (address.isPresent()) {
                return address.get();
            }
            Thread.sleep(100);
        }
        throw new IOException("chromium has no page");
    }

    /** A real press of the mouse, since a page may only listen after one. */
    private void click() throws Exception {
        Map<String, Object> box = JSON.std.mapFrom(
                evaluate(
                        "JSON.stringify((r => ({x: r.x + r.width / 2, y: r.y + r.height / 2}))(document.getElementById('record').getBoundingClientRect()))"));
        for (String type : List.of("mousePressed", "mouseReleased")) {
            var _ = command(
                    "Input.dispatchMouseEvent",
                    Map.of(
                            "type",
                            type,
                            "x",
                            box.getOrDefault("x", 0),
                            "y",
                            box.getOrDefault("y", 0),
                            "button",
                            "left",
                            "clickCount",
                            1));
        }
    }

    private Map<String, Object> state() throws Exception {
        return JSON.std.mapFrom(evaluate(STATE));
    }

    private String evaluate(String script) throws Exception {
        Object result =
                command("Runtime.evaluate", Map.of("expression", script)).get("result");
        return result instanceof Map<?, ?> value ? String.valueOf(value.get("value")) : "";
    }

    private void shoot(Path file) throws Exception {
        Object data = command("Page.captureScreenshot", Map.of("format", "png")).get("data");
        Files.write(file, Base64.getDecoder().decode(String.valueOf(data)));
    }

    private Map<?, ?> command(String method, Map<String, Object> parameters) throws Exception {
        int id = ++commands;
        WebSocket open = java.util.Objects.requireNonNull(socket);
        open.sendText(JSON.std.asString(Map.of("id", id, "method", method, "params", parameters)), true)
                .get(10, TimeUnit.SECONDS);
        while (true) {
            Map<String, Object> message = messages.poll(20, TimeUnit.SECONDS);
            if (message == null) {
                throw new IOException(method + " was not answered");
            }
            if (Integer.valueOf(id).equals(message.get("id"))) {
                if (message.get("result") instanceof Map<?, ?> result) {
                    return result;
                }
                throw new IOException(method + ": " + message);
            }
        }
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
        fragments.append(text);
        if (last) {
            try {
                messages.add(JSON.std.mapFrom(fragments.toString()));
            } catch (tools.jackson.core.JacksonException e) {
                throw new UncheckedIOException(new IOException(e));
            }
            fragments.setLength(0);
        }
        from.request(1);
        return null;
    }
}
