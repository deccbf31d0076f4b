package io.mambaaudio.flink;

import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;

/**
 * The operator of a {@link TranscriptFunction}, which lets it write the state of every live stream when a checkpoint is taken. A
 * function alone sees the state of one key at a time.
 */
final class TranscriptOperator extends KeyedProcessOperator<String, AudioBlock, TranscriptRow> {
    private static final long serialVersionUID = 1L;

    TranscriptOperator(TranscriptFunction function) {
        super(function);
    }

    @Override
    public void open() throws Exception {
        transcription().keySetter(this::setCurrentKey);
        super.open();
    }

    /** In the synchronous part of a checkpoint, before Flink takes its snapshot of the keyed state. */
    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        transcription().writeAll();
        super.snapshotState(context);
    }

    private TranscriptFunction transcription() {
        return (TranscriptFunction) userFunction;
    }
}
