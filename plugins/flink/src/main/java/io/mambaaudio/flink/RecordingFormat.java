package io.mambaaudio.flink;

import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.EngineException;
import io.mambaaudio.engine.StreamFormat;
import java.io.IOException;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.reader.BulkFormat;
import org.apache.flink.connector.file.src.util.CheckpointedPosition;
import org.apache.flink.connector.file.src.util.RecordAndPosition;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reads recordings, of any format that the engine reads, as blocks: a file is a stream, named by its path, and ends with a last block.
 * A file that cannot be read is one block with a fault, so that it fails alone. Channels are mixed down as the transcriber does it.
 *
 * <p>Reading goes on behind the blocks that a checkpoint has seen: the file is decoded again up to there.
 */
public final class RecordingFormat implements BulkFormat<AudioBlock, FileSourceSplit> {
    private static final long serialVersionUID = 1L;

    private final int blockMillis;

    /**
     * Makes a format.
     *
     * @param blockMillis length of a block, 1 to 60,000; some 1,000 for an archive
     */
    public RecordingFormat(int blockMillis) {
        if (blockMillis < 1 || blockMillis > 1000 * AudioBlock.MAX_SECONDS) {
            throw new IllegalArgumentException("blockMillis=" + blockMillis + " is out of range; choose 1 to 60000");
        }
        this.blockMillis = blockMillis;
    }

    @Override
    public Reader<AudioBlock> createReader(Configuration config, FileSourceSplit split) {
        return new Recording(split.path(), blockMillis);
    }

    @Override
    public Reader<AudioBlock> restoreReader(Configuration config, FileSourceSplit split) {
        Recording recording = new Recording(split.path(), blockMillis);
        long done = split.getReaderPosition()
                .map(CheckpointedPosition::getRecordsAfterOffset)
                .orElse(0L);
        recording.skip(done);
        return recording;
    }

    @Override
    public boolean isSplittable() {
        return false;
    }

    @Override
    public TypeInformation<AudioBlock> getProducedType() {
        return TypeInformation.of(AudioBlock.class);
    }

    /** One file. One thread at a time. */
    private static final class Recording implements Reader<AudioBlock> {
        private final String name;
        private final @Nullable AudioInput input; // null if it cannot be read
        private final String fault;
        private float[][] sound = {{}}; // (channels, block)
        private long position;
        private long blocks;
        private boolean ended;

        Recording(Path path, int blockMillis) {
            name = path.getPath();
            AudioInput opened = null;
            String problem = "";
            try {
                opened = open(path);
                StreamFormat format = opened.format();
                int frames = Math.max(1, (int) ((long) format.sampleRateHz() * blockMillis / 1000));
                sound = new float[format.channels()][frames];
                opened.start();
            } catch (EngineException | IOException e) {
                problem = String.valueOf(e.getMessage());
            }
            input = opened;
            fault = problem;
        }

        private static AudioInput open(Path path) throws IOException {
            String scheme = path.toUri().getScheme();
            boolean local = scheme == null || scheme.equals("file");
            return local
                    ? AudioInputs.file(java.nio.file.Path.of(path.getPath()))
                    : AudioInputs.stream(path.toString(), path.getFileSystem().open(path));
        }

        void skip(long count) {
            while (blocks < count && next() != null) {}
        }

        @Override
        public @Nullable RecordIterator<AudioBlock> readBatch() {
            AudioBlock block = next();
            return block == null
                    ? null
                    : new One(new RecordAndPosition<>(block, CheckpointedPosition.NO_OFFSET, blocks));
        }

        private @Nullable AudioBlock next() {
            if (ended) {
                return null;
            }
            blocks++;
            try {
                return input == null ? failed(fault) : read(input);
            } catch (EngineException e) {
                return failed(String.valueOf(e.getMessage()));
            }
        }

        /** A whole block, or what is left of the file. */
        private AudioBlock read(AudioInput from) {
            int filled = 0;
            while (filled < sound[0].length && !ended) {
                float[][] part = new float[sound.length][sound[0].length - filled];
                int n = from.read(part, part[0].length);
                ended = n < 0;
                for (int c = 0; c < sound.length && !ended; c++) {
                    System.arraycopy(part[c], 0, sound[c], filled, n);
                }
                filled += Math.max(0, n);
            }
            return block(from.format().sampleRateHz(), filled);
        }

        private AudioBlock block(int rateHz, int count) {
            AudioBlock block = AudioBlock.of(name, 0, position, rateHz, mixedDown(count), count, ended);
            position += count;
            return block;
        }

        private float[] mixedDown(int count) {
            float[] mono = sound[0];
            float scale = 1f / sound.length;
            for (int c = 1; c < sound.length; c++) {
                for (int i = 0; i < count; i++) {
                    mono[i] += sound[c][i];
                }
            }
            for (int i = 0; i < count && sound.length > 1; i++) {
                mono[i] *= scale;
            }
            return mono;
        }

        private AudioBlock failed(String reason) {
            ended = true;
            return AudioBlock.faulty(name, position, reason);
        }

        @Override
        public void close() {
            if (input != null) {
                input.close();
            }
        }
    }

    /** A batch of one. */
    private static final class One implements RecordIterator<AudioBlock> {
        private @Nullable RecordAndPosition<AudioBlock> block;

        One(RecordAndPosition<AudioBlock> block) {
            this.block = block;
        }

        @Override
        public @Nullable RecordAndPosition<AudioBlock> next() {
            RecordAndPosition<AudioBlock> only = block;
            block = null;
            return only;
        }

        @Override
        public void releaseBatch() {}
    }
}
