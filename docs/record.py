#!/usr/bin/env python3
"""Records commands in a real terminal (tmux) and writes what the screen showed, moment by moment, as an animated SVG.

    python3 docs/record.py docs/transcribe.svg './mamba-audio transcribe --paced' './mamba-audio transcribe'

Needs tmux. Nothing is staged: the commands are typed into a shell, the screen is read 20 times a second, and every screen that
differs from the one before becomes a frame that is shown as long as it stood. The last screen stays for three seconds.
"""
import html
import re
import subprocess
import sys
import time

COLUMNS, ROWS = 84, 14
CELL_WIDTH, LINE_HEIGHT, MARGIN = 8.4, 19, 14
READ_SECONDS, LAST_SECONDS, LIMIT_SECONDS = 0.05, 3.0, 90
SESSION = "mamba-audio-recording"
PROMPT = "$ "


def tmux(*arguments):
    return subprocess.run(["tmux", "-L", SESSION, *arguments], check=True, capture_output=True, text=True).stdout


def screen():
    return tmux("capture-pane", "-e", "-p", "-t", SESSION).rstrip("\n").split("\n")


def is_idle(lines):
    shown = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines]
    return bool(shown) and shown[-1].rstrip() == PROMPT.rstrip()


def record(commands):
    """[(seconds since the start, lines)], one entry a change."""
    shell = f"env PS1='{PROMPT}' LANG=C.UTF-8 bash --norc --noprofile"
    tmux("-f", "/dev/null", "new-session", "-d", "-s", SESSION, "-x", str(COLUMNS), "-y", str(ROWS), shell)
    frames, start = [], time.monotonic()

    def read():
        lines = screen()
        if not frames or frames[-1][1] != lines:
            frames.append((time.monotonic() - start, lines))
        time.sleep(READ_SECONDS)
        return lines

    try:
        tmux("set-option", "-g", "status", "off")
        while not is_idle(read()):
            pass
        for command in commands:
            for letter in command:
                tmux("send-keys", "-t", SESSION, "-l", letter)
                read()
            tmux("send-keys", "-t", SESSION, "Enter")
            begun = time.monotonic()
            time.sleep(READ_SECONDS)
            while not is_idle(read()):
                if time.monotonic() - begun > LIMIT_SECONDS:
                    sys.exit(f"{command}: not done in {LIMIT_SECONDS} s")
    finally:
        tmux("kill-server")
    return frames, time.monotonic() - start + LAST_SECONDS


def spans(line, style):
    """A line with SGR sequences as SVG: dim and bold are what our output uses. The style goes on from line to line."""
    out = []
    for piece in re.split(r"(\x1b\[[0-9;]*m)", line):
        if piece.startswith("\x1b"):
            for code in piece[2:-1].split(";"):
                if code in ("", "0"):
                    style.clear()
                elif code in ("1", "2"):
                    style.add({"1": "b", "2": "d"}[code])
                elif code == "22":
                    style.clear()
        elif piece:
            text = html.escape(piece)
            out.append(f'<tspan class="{" ".join(sorted(style))}">{text}</tspan>' if style else text)
    return "".join(out)


def svg(frames, seconds):
    width = round(COLUMNS * CELL_WIDTH + 2 * MARGIN)
    rows = max(len(lines) for _, lines in frames)
    height = rows * LINE_HEIGHT + 2 * MARGIN
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        "<style>",
        "text{font:14px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#e6e6e6;white-space:pre}",
        ".d{fill:#8b949e}.b{font-weight:bold}.f{visibility:hidden}",
    ]
    starts = [at for at, _ in frames] + [seconds]
    for i in range(len(frames)):
        a, b = 100 * starts[i] / seconds, 100 * starts[i + 1] / seconds
        steps = f"0%{{visibility:hidden}}{a:.3f}%{{visibility:visible}}{b:.3f}%{{visibility:hidden}}"
        if i == 0:
            steps = f"0%{{visibility:visible}}{b:.3f}%{{visibility:hidden}}"
        if i == len(frames) - 1:
            steps = f"0%{{visibility:hidden}}{a:.3f}%{{visibility:visible}}100%{{visibility:visible}}"
        out.append(f"@keyframes k{i}{{{steps}}}#f{i}{{animation:k{i} {seconds:.2f}s step-end infinite}}")
    # Where nothing moves, the last screen is what is seen.
    out.append(f"#f{len(frames) - 1}{{visibility:visible}}</style>")
    out.append(f'<rect width="{width}" height="{height}" rx="8" fill="#161b22"/>')
    for i, (_, lines) in enumerate(frames):
        out.append(f'<g class="f" id="f{i}">')
        style = set()
        for row, line in enumerate(lines):
            y, text = MARGIN + (row + 0.75) * LINE_HEIGHT, spans(line, style)
            if line.strip():
                out.append(f'<text x="{MARGIN}" y="{y:.0f}" xml:space="preserve">{text}</text>')
        out.append("</g>")
    out.append("</svg>")
    return "\n".join(out) + "\n"


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    target, commands = sys.argv[1], sys.argv[2:]
    subprocess.run(commands[0], shell=True, check=True, capture_output=True)  # builds, if that is still to be done
    recorded, length = record(commands)
    with open(target, "w", encoding="utf-8") as file:
        file.write(svg(recorded, length))
    print(f"{target}: {len(recorded)} frames, {length:.1f} s")
