package io.mambaaudio.demo.desktop;

import io.mambaaudio.engine.Devices;
import io.mambaaudio.models.Backend;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import javax.swing.DefaultComboBoxModel;
import javax.swing.JComboBox;
import javax.swing.SwingWorker;

/** What can be chosen: microphone, model, where it computes. Only what is there is offered. Event thread only. */
final class Choices {
    /** A microphone; without a name the system's choice. */
    record Microphone(String label, Optional<String> device) {
        @Override
        public String toString() {
            return label;
        }
    }

    /** A model; without a path the wish to choose another file. */
    record Model(String label, Optional<Path> path) {
        @Override
        public String toString() {
            return label;
        }
    }

    /** Where a model computes. */
    record Compute(String label, Backend backend) {
        @Override
        public String toString() {
            return label;
        }

        static Compute of(Backend backend) {
            return new Compute(
                    switch (backend) {
                        case AUTO -> "Automatic";
                        case SCALAR -> "CPU, plain";
                        case VECTOR -> "CPU, vectors";
                        case CUDA -> "NVIDIA GPU";
                    },
                    backend);
        }
    }

    private static final Microphone SYSTEMS_CHOICE = new Microphone("Default microphone", Optional.empty());
    private static final Model ANOTHER = new Model("Another model…", Optional.empty());

    private final JComboBox<Microphone> microphones = new JComboBox<>(new Microphone[] {SYSTEMS_CHOICE});
    private final JComboBox<Model> models;
    private final JComboBox<Compute> computes;
    private Model chosen;
    private boolean quiet;

    Choices(Setup setup) {
        chosen = new Model(setup.shipped() ? "Shipped model" : label(setup.model()), Optional.of(setup.model()));
        models = new JComboBox<>(new Model[] {chosen, ANOTHER});
        computes = new JComboBox<>(new Compute[] {Compute.of(setup.backend())});
        name(microphones, "microphone", "Microphone");
        name(models, "model", "Model");
        name(computes, "compute", "Computes on");
    }

    private static void name(JComboBox<?> box, String name, String accessible) {
        box.setName(name);
        box.getAccessibleContext().setAccessibleName(accessible);
        box.setToolTipText(accessible);
    }

    private static String label(Path model) {
        Path parent = model.toAbsolutePath().getParent();
        Path named = parent != null && model.endsWith("model.safetensors") ? parent : model;
        return String.valueOf(named.getFileName());
    }

    JComboBox<Microphone> microphones() {
        return microphones;
    }

    JComboBox<Model> models() {
        return models;
    }

    JComboBox<Compute> computes() {
        return computes;
    }

    Optional<String> microphone() {
        return microphones.getSelectedItem() instanceof Microphone m ? m.device : Optional.empty();
    }

    Path model() {
        return chosen.path.orElseThrow();
    }

    Backend backend() {
        return computes.getSelectedItem() instanceof Compute c ? c.backend : Backend.AUTO;
    }

    /** Hears of another choice; of the wish for another model apart, as that needs a question first. */
    void listen(Runnable onMicrophone, Runnable onModel, Runnable onAnother) {
        microphones.addActionListener(e -> run(onMicrophone));
        computes.addActionListener(e -> run(onModel));
        models.addActionListener(e -> {
            if (!quiet && models.getSelectedItem() instanceof Model model) {
                if (model.path.isEmpty()) {
                    quietly(() -> models.setSelectedItem(chosen));
                    onAnother.run();
                } else {
                    chosen = model;
                    onModel.run();
                }
            }
        });
    }

    private void run(Runnable listener) {
        if (!quiet) {
            listener.run();
        }
    }

    private void quietly(Runnable change) {
        quiet = true;
        try {
            change.run();
        } finally {
            quiet = false;
        }
    }

    /** Offers another model and chooses it. */
    void addModel(Path path) {
        Model added = new Model(label(path), Optional.of(path));
        quietly(() -> models.insertItemAt(added, models.getItemCount() - 1));
        models.setSelectedItem(added);
    }

    /** Offers the places where the model can compute. */
    void offer(Conductor.Preloaded known) {
        Backend before = backend();
        quietly(() -> {
            computes.setModel(new DefaultComboBoxModel<>(
                    known.backends().stream().map(Compute::of).toArray(Compute[]::new)));
            computes.setSelectedItem(Compute.of(before));
        });
        models.setToolTipText(known.description());
    }

    /** Asks the system for its microphones, in the background. */
    void findMicrophones(Consumer<String> complaint) {
        new SwingWorker<List<Devices.Device>, Void>() {
            @Override
            protected List<Devices.Device> doInBackground() {
                return Devices.inputs();
            }

            @Override
            protected void done() {
                try {
                    offerMicrophones(get());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } catch (ExecutionException e) {
                    complaint.accept(Problem.line(e.getCause() == null ? e : e.getCause()));
                }
            }
        }.execute();
    }

    private void offerMicrophones(List<Devices.Device> devices) {
        List<Microphone> offered = new ArrayList<>();
        offered.add(devices.isEmpty() ? new Microphone("No microphone found", Optional.empty()) : SYSTEMS_CHOICE);
        devices.forEach(device -> offered.add(new Microphone(device.name(), Optional.of(device.name()))));
        Object before = microphones.getSelectedItem();
        quietly(() -> {
            microphones.setModel(new DefaultComboBoxModel<>(offered.toArray(Microphone[]::new)));
            microphones.setSelectedItem(offered.contains(before) ? before : offered.getFirst());
        });
    }
}
