package io.mambaaudio.engine;

import io.mambaaudio.engine.device.Lines;
import java.util.List;

/** The recording and playing devices of this machine, under names that stay the same from one start to the next. */
public final class Devices {
    private Devices() {}

    /**
     * A device.
     *
     * @param index its number in the list, from 0
     * @param name its name, unique in the list
     * @param description what the system says about it
     */
    public record Device(int index, String name, String description) {}

    /**
     * The devices to record from.
     *
     * @return in the system's order, its default first where it has one; empty on a machine without sound
     */
    public static List<Device> inputs() {
        return Lines.devices(Lines.Direction.INPUT);
    }

    /**
     * The devices to play to.
     *
     * @return in the system's order, its default first where it has one; empty on a machine without sound
     */
    public static List<Device> outputs() {
        return Lines.devices(Lines.Direction.OUTPUT);
    }
}
