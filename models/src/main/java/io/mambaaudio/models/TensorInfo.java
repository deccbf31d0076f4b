package io.mambaaudio.models;

import java.util.List;

/**
 * Where a tensor lies in its file, already checked against the file's size.
 *
 * @param shape outermost dimension first; empty for a scalar
 * @param begin first byte, counted from the start of the data
 * @param elements product of the shape
 */
record TensorInfo(String name, DType type, List<Long> shape, long begin, long elements) {
    long byteSize() {
        return elements * type.bytes;
    }

    long end() {
        return begin + byteSize();
    }
}
