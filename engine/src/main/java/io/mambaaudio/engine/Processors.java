package io.mambaaudio.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** Finds processors that modules provide with {@link ServiceLoader}. */
public final class Processors {
    private Processors() {}

    /**
     * Makes the processor with an id.
     *
     * @param id see {@link Processor#id}
     * @return a new processor, not prepared
     * @throws EngineException when no module provides it; the message lists what there is
     */
    public static Processor find(String id) {
        List<String> known = new ArrayList<>();
        for (ServiceLoader.Provider<Processor> provider : providers()) {
            Processor processor = instance(provider);
            if (processor.id().equals(id)) {
                return processor;
            }
            known.add(processor.id());
            processor.close();
        }
        throw new EngineException("there is no processor \"" + id + "\"; choose one of "
                + known.stream().sorted().toList() + " or put the module that provides it on the module path");
    }

    /**
     * The ids that {@link #find} knows.
     *
     * @return ids in alphabetical order
     */
    public static List<String> ids() {
        return providers().stream()
                .map(provider -> {
                    try (Processor processor = instance(provider)) {
                        return processor.id();
                    }
                })
                .sorted()
                .toList();
    }

    private static List<ServiceLoader.Provider<Processor>> providers() {
        return ServiceLoader.load(Processor.class).stream().toList();
    }

    private static Processor instance(ServiceLoader.Provider<Processor> provider) {
        try {
            return provider.get();
        } catch (ServiceConfigurationError e) {
            throw new EngineException(
                    "processor " + provider.type().getName() + " can't be made: " + EngineException.reason(e), e);
        }
    }
}
