package io.mambaaudio.demo.desktop;

import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.models.ModelException;
import io.mambaaudio.models.Session;
import io.mambaaudio.speech.Transcriber;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The model in use, read once. Background workers only, as a file may be slow. */
final class Models {
    private static final int WARM_UP_STEPS = 500;
    private static final StreamFormat ANY_FORMAT = new StreamFormat(16_000, 1);

    private @Nullable Path path;
    private @Nullable Mamba model;
    private final Object warming = new Object();
    private boolean warm; // guarded by warming

    /** The model of a file or folder. */
    synchronized Mamba open(Path wanted) {
        Mamba known = model;
        if (known != null && wanted.equals(path)) {
            return known;
        }
        Mamba opened = Mamba.open(wanted);
        path = wanted;
        model = opened;
        return opened;
    }

    /** Runs a throwaway transcriber once, so that the code is compiled before somebody speaks; who comes meanwhile waits. */
    void warmUp(Supplier<Transcriber.Builder> recogniser) {
        synchronized (warming) {
            if (!warm) {
                try (Transcriber throwaway =
                        recogniser.get().warmUpSteps(WARM_UP_STEPS).build()) {
                    throwaway.prepare(ANY_FORMAT, ANY_FORMAT.sampleRateHz());
                }
                warm = true;
            }
        }
    }

    /** Where a model can compute on this machine, found out by trying. */
    static List<Backend> backends(Mamba model) {
        List<Backend> work = new ArrayList<>();
        for (Backend backend : Backend.values()) {
            try (Session session = model.open(backend)) {
                if (backend == Backend.AUTO || session.backend() == backend) {
                    work.add(backend);
                }
            } catch (ModelException e) {
                // it says so itself when asked for by name; here it is only not offered
            }
        }
        return work;
    }
}
