package io.mambaaudio.engine;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/**
 * Finds processors that modules provide with {@link ServiceLoader}. One that can't be made is passed over with a line in the log, so
 * that a broken plugin keeps no other from being found.
 */
public final class Processors {
    private static final System.Logger LOG = System.getLogger(Processors.class.getName());
    private static final int MAX_BROKEN = 100;

    private Processors() {}

    /**
     * Makes the processor with an id.
     *
     * @param id see {@link Processor#id}
     * @return a new processor, not prepared
     * @throws EngineException when no module provides it, or more than one does; the message lists what there is
     */
    public static Processor find(String id) {
        List<Processor> all = all();
        List<Processor> found = all.stream().filter(p -> p.id().equals(id)).toList();
        all.stream().filter(p -> found.size() != 1 || !p.id().equals(id)).forEach(Processors::close);
        if (found.size() > 1) {
            throw new EngineException("processor \"" + id + "\" is provided by "
                    + found.stream().map(p -> p.getClass().getName()).sorted().toList()
                    + "; take one of them off the module path");
        }
        if (found.isEmpty()) {
            throw new EngineException("there is no processor \"" + id + "\"; choose one of " + sortedIds(all)
                    + " or put the module that provides it on the module path");
        }
        return found.getFirst();
    }

    /**
     * The ids that {@link #find} knows.
     *
     * @return ids in alphabetical order
     */
    public static List<String> ids() {
        List<Processor> all = all();
        all.forEach(Processors::close);
        return sortedIds(all);
    }

    private static List<String> sortedIds(List<Processor> processors) {
        return processors.stream().map(Processor::id).sorted().toList();
    }

    private static List<Processor> all() {
        List<Processor> made = new ArrayList<>();
        Iterator<Processor> providers = ServiceLoader.load(Processor.class).iterator();
        for (int broken = 0; broken < MAX_BROKEN; ) {
            try {
                if (!providers.hasNext()) {
                    break;
                }
                made.add(providers.next());
            } catch (ServiceConfigurationError | LinkageError e) { // the iterator goes on behind it
                broken++;
                LOG.log(System.Logger.Level.WARNING, "a processor can't be made: " + EngineException.reason(e), e);
            }
        }
        return made;
    }

    private static void close(Processor processor) {
        try {
            processor.close();
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.DEBUG, "close failed", e);
        }
    }
}
