package io.mambaaudio.demo.desktop;

import java.awt.datatransfer.DataFlavor;
import java.awt.datatransfer.UnsupportedFlavorException;
import java.awt.dnd.DropTarget;
import java.awt.dnd.DropTargetAdapter;
import java.awt.dnd.DropTargetDragEvent;
import java.awt.dnd.DropTargetDropEvent;
import java.awt.dnd.DropTargetEvent;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.TooManyListenersException;
import java.util.function.Consumer;
import javax.swing.JComponent;
import javax.swing.TransferHandler;
import org.jspecify.annotations.Nullable;

/** Takes files that are dropped on the window. */
final class FileDrop extends TransferHandler {
    private final transient Consumer<List<Path>> onFiles;

    private FileDrop(Consumer<List<Path>> onFiles) {
        this.onFiles = onFiles;
    }

    /** Takes what is dropped on a component, and says while files hover over it. */
    static void on(JComponent component, Consumer<List<Path>> onFiles, Consumer<Boolean> hovering) {
        component.setTransferHandler(new FileDrop(onFiles));
        @Nullable DropTarget target = component.getDropTarget(); // none without a screen
        if (target == null) {
            return;
        }
        try {
            target.addDropTargetListener(new DropTargetAdapter() {
                @Override
                public void dragEnter(DropTargetDragEvent event) {
                    hovering.accept(event.isDataFlavorSupported(DataFlavor.javaFileListFlavor));
                }

                @Override
                public void dragExit(DropTargetEvent event) {
                    hovering.accept(false);
                }

                @Override
                public void drop(DropTargetDropEvent event) {
                    hovering.accept(false);
                }
            });
        } catch (TooManyListenersException e) {
            throw new IllegalStateException(e); // Swing's own target takes any number
        }
    }

    @Override
    public boolean canImport(TransferSupport support) {
        return support.isDataFlavorSupported(DataFlavor.javaFileListFlavor);
    }

    @Override
    public boolean importData(TransferSupport support) {
        try {
            if (canImport(support)
                    && support.getTransferable().getTransferData(DataFlavor.javaFileListFlavor)
                            instanceof List<?> files) {
                List<Path> paths = files.stream()
                        .filter(File.class::isInstance)
                        .map(file -> ((File) file).toPath())
                        .toList();
                onFiles.accept(paths);
                return !paths.isEmpty();
            }
            return false;
        } catch (UnsupportedFlavorException | IOException e) {
            return false; // whoever dragged it took it back
        }
    }
}
