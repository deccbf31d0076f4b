"""Writes held-out.txt: pieces by their name's hash, 1 in 40 of each collection, so that a list made again is the same.

    python -m music.split MIDI_DIR > music/held-out.txt
"""
import glob
import hashlib
import os
import sys


def held_out(name):
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) % 40 == 0


def main():
    root = sys.argv[1]
    print("# pieces for measuring only; made by split.py")
    for path in sorted(glob.glob(os.path.join(root, "**", "*.mid"), recursive=True)):
        name = os.path.relpath(path, root)
        if held_out(name):
            print(name)


if __name__ == "__main__":
    main()
