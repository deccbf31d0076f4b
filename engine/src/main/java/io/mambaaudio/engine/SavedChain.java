package io.mambaaudio.engine;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;

/**
 * A chain's state as bytes, big-endian: magic, version, number of slots; a slot is the processor's id, its bypass, its parameters by
 * name, and the state of its stream; a checksum at the end. It is read as a whole and compared with the chain before anything is
 * set.
 */
final class SavedChain {
    private static final int MAGIC = 0x4D41_4348; // "MACH"
    private static final int VERSION = 1;
    private static final int CHECKSUM_BYTES = Integer.BYTES;

    private SavedChain() {}

    /** One slot as it was read. */
    private static final class SavedSlot {
        private final boolean bypassed;
        private final Preset parameters;
        private final byte[] stream;

        SavedSlot(boolean bypassed, Preset parameters, byte[] stream) {
            this.bypassed = bypassed;
            this.parameters = parameters;
            this.stream = stream;
        }
    }

    static byte[] save(List<Slot> slots) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(MAGIC);
            out.writeInt(VERSION);
            out.writeInt(slots.size());
            for (Slot slot : slots) {
                save(slot, out);
            }
            out.writeInt(checksum(bytes.toByteArray()));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // an array takes all
        }
        return bytes.toByteArray();
    }

    private static void save(Slot slot, DataOutputStream out) throws IOException {
        Processor processor = slot.processor();
        out.writeUTF(processor.id());
        out.writeBoolean(slot.bypassed());
        Map<String, Float> values =
                new TreeMap<>(Preset.capture("saved", processor).values());
        out.writeInt(values.size());
        for (Map.Entry<String, Float> value : values.entrySet()) {
            out.writeUTF(value.getKey());
            out.writeFloat(value.getValue());
        }
        byte[] stream = processor.save();
        out.writeInt(stream.length);
        out.write(stream);
    }

    static void restore(List<Slot> slots, byte[] saved) {
        SavedSlot[] read = read(slots, saved);
        for (int i = 0; i < slots.size(); i++) {
            read[i].parameters.checkFor(slots.get(i).processor());
        }
        for (int i = 0; i < slots.size(); i++) {
            read[i].parameters.applyTo(slots.get(i).processor());
            slots.get(i).restore(read[i].bypassed, read[i].stream);
        }
    }

    private static SavedSlot[] read(List<Slot> slots, byte[] saved) {
        int length = saved.length - CHECKSUM_BYTES;
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(saved))) {
            if (length < 0 || in.readInt() != MAGIC) {
                throw new EngineException(
                        "this is no saved chain: bytes=" + saved.length + "; give what save() returned");
            }
            int version = in.readInt();
            if (version != VERSION) {
                throw new EngineException("the saved chain has version=" + version + ", this engine reads version="
                        + VERSION + "; use the engine that saved it");
            }
            checkSum(saved, length);
            return read(slots, in);
        } catch (IOException e) {
            throw new EngineException("the saved chain is cut short: bytes=" + saved.length + "; save it again", e);
        }
    }

    private static void checkSum(byte[] saved, int length) throws IOException {
        try (DataInputStream end = new DataInputStream(new ByteArrayInputStream(saved, length, CHECKSUM_BYTES))) {
            if (end.readInt() != checksum(Arrays.copyOf(saved, length))) {
                throw new EngineException("the saved chain is damaged: its checksum does not fit; save it again");
            }
        }
    }

    private static SavedSlot[] read(List<Slot> slots, DataInputStream in) throws IOException {
        int count = in.readInt();
        if (count != slots.size()) {
            throw new EngineException("the saved chain has processors=" + count + ", this one " + slots.size()
                    + "; restore it into a chain of the same processors");
        }
        SavedSlot[] read = new SavedSlot[count];
        for (int i = 0; i < count; i++) {
            String id = in.readUTF();
            if (!id.equals(slots.get(i).processor().id())) {
                throw new EngineException("processor " + i + " of the saved chain is \"" + id + "\", of this one \""
                        + slots.get(i).processor().id() + "\"; restore it into a chain of the same processors");
            }
            read[i] = readSlot(in);
        }
        return read;
    }

    private static SavedSlot readSlot(DataInputStream in) throws IOException {
        boolean bypassed = in.readBoolean();
        Map<String, Float> values = new TreeMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            values.put(in.readUTF(), in.readFloat());
        }
        byte[] stream = in.readNBytes(Math.max(0, in.readInt()));
        return new SavedSlot(bypassed, new Preset("saved", values), stream);
    }

    private static int checksum(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
