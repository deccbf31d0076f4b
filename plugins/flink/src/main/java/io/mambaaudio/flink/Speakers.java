package io.mambaaudio.flink;

import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;

/**
 * Many who speak at once, for tests and for measuring: stream {@code speaker-i} plays sound {@code i % sounds.size()} over and over,
 * until its blocks are spent. The streams come block by block in turns, as live sound does, and begin again where a checkpoint was
 * taken, so that nothing is lost or heard twice.
 *
 * @param sounds mono, nominally −1 to 1; they travel with the job, so keep them short
 * @param sampleRateHz of all sounds
 * @param streams how many speak; a multiple of groups
 * @param groups into how many parts the source may be split: its highest useful parallelism, and the one to start with
 * @param blockSamples length of a block
 * @param blocks of each stream
 */
public record Speakers(List<float[]> sounds, int sampleRateHz, int streams, int groups, int blockSamples, int blocks)
        implements GeneratorFunction<Long, AudioBlock> {

    /** Checks that the groups are alike. */
    public Speakers {
        sounds = List.copyOf(sounds);
        if (streams < 1 || groups < 1 || streams % groups != 0) {
            throw new IllegalArgumentException("streams=" + streams + " is not a multiple of groups=" + groups
                    + "; choose one, so that each group has as many");
        }
    }

    /**
     * As fast as they are heard.
     *
     * @return a bounded source; start it with a parallelism of {@code groups}, so that no group is cut in two
     */
    public DataGeneratorSource<AudioBlock> source() {
        return source(RateLimiterStrategy.noOp());
    }

    /**
     * At a pace.
     *
     * @param speed 1 for real time
     * @return a bounded source; start it with a parallelism of {@code groups}
     */
    public DataGeneratorSource<AudioBlock> paced(double speed) {
        return source(RateLimiterStrategy.perSecond(speed * streams * sampleRateHz / blockSamples));
    }

    private DataGeneratorSource<AudioBlock> source(RateLimiterStrategy<?> pace) {
        return new DataGeneratorSource<>(this, (long) streams * blocks, pace, TypeInformation.of(AudioBlock.class));
    }

    /**
     * The block of a place in the order: group by group, within it in turns.
     *
     * @param index from 0
     * @return the block
     */
    @Override
    public AudioBlock map(Long index) {
        int inGroup = streams / groups;
        long group = index / ((long) inGroup * blocks);
        long turn = index % ((long) inGroup * blocks);
        int stream = (int) (group * inGroup + turn % inGroup);
        return block(stream, (int) (turn / inGroup));
    }

    private AudioBlock block(int stream, int number) {
        float[] sound = sounds.get(stream % sounds.size());
        float[] samples = new float[blockSamples];
        long position = (long) number * blockSamples;
        for (int i = 0; i < blockSamples; i++) {
            samples[i] = sound[(int) ((position + i) % sound.length)];
        }
        String name = "speaker-" + stream;
        return AudioBlock.of(name, 0, position, sampleRateHz, samples, blockSamples, number == blocks - 1);
    }

    /**
     * All that a stream says.
     *
     * @param stream its number
     * @return samples
     */
    public float[] all(int stream) {
        return all(stream, blocks);
    }

    /**
     * The beginning of what a stream says.
     *
     * @param stream its number
     * @param count blocks
     * @return samples
     */
    public float[] all(int stream, int count) {
        float[] sound = sounds.get(stream % sounds.size());
        float[] samples = new float[blockSamples * count];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = sound[i % sound.length];
        }
        return samples;
    }
}
