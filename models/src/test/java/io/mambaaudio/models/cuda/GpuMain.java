package io.mambaaudio.models.cuda;

/** The programs of models/gpu-test, run on a machine with a GPU: {@code check [NAME]}, {@code small}, {@code bench PART SECONDS}. */
public final class GpuMain {
    private GpuMain() {}

    /** Runs one. */
    public static void main(String[] args) {
        String what = args.length > 0 ? args[0] : "check";
        String more = args.length > 1 ? args[1] : "";
        if (CudaBackend.whyNot().isPresent()) {
            System.out.println("SKIPPED " + what + ": " + CudaBackend.whyNot().get());
            return;
        }
        Gpu keep = new Gpu(); // the context outlives the sessions: making one takes a quarter of a second
        System.out.println(keep.name() + ", compute capability " + keep.computeCapability() + ", "
                + keep.freeBytes() / 1_000_000 + " MB free");
        switch (what) {
            case "check" -> exit(new GpuCheck(more).run(false));
            case "small" -> exit(new GpuCheck(more).run(true));
            case "bench" -> new GpuBench().run(more);
            default -> throw new IllegalArgumentException("check, small or bench, not " + what);
        }
    }

    private static void exit(int failures) {
        System.out.println(failures == 0 ? "ALL PARITY CHECKS PASSED" : failures + " CHECKS FAILED");
        System.exit(failures == 0 ? 0 : 1);
    }
}
