package demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import jcuda.driver.CUdeviceptr;

/**
 * An ordinary CUDA program: computes, checks every element, and if asked to, takes device memory until there is none.
 *
 * <pre>
 * java demo.Main [--elements N] [--rounds N] [--take STEP_BYTES]
 * </pre>
 */
public final class Main {
    /** Device memory is handed out in pieces of this size, so that a smaller step finds nothing more. */
    private static final long SMALLEST_STEP = 512;

    private int elements = 1 << 18;
    private int rounds = 4;
    private long takeStep;

    private Main() {}

    public static void main(String[] args) throws Exception {
        Main main = new Main();
        if (!main.parse(args)) {
            System.err.println("usage: demo.Main [--elements N] [--rounds N] [--take STEP_BYTES]");
            System.exit(2);
        }
        try {
            System.exit(main.run() ? 0 : 1);
        } catch (Gpu.CudaError e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }

    private boolean parse(String[] args) {
        try {
            for (int i = 0; i < args.length; i += 2) {
                String value = i + 1 < args.length ? args[i + 1] : "";
                switch (args[i]) {
                    case "--elements" -> elements = Integer.parseInt(value);
                    case "--rounds" -> rounds = Integer.parseInt(value);
                    case "--take" -> takeStep = Long.parseLong(value);
                    default -> {
                        return false;
                    }
                }
            }
            return elements > 0 && rounds >= 0 && takeStep >= 0;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private boolean run() throws Exception {
        try (Gpu gpu = new Gpu()) {
            say("%s with %,d bytes of memory", gpu.name(), gpu.totalMemory());
            try (Saxpy saxpy = new Saxpy(gpu, elements)) {
                boolean right = compute(saxpy);
                if (takeStep > 0) {
                    List<CUdeviceptr> taken = takeAll(gpu, 2 * saxpy.bytes());
                    right &= compute(saxpy);
                    taken.forEach(gpu::free);
                }
                return right;
            }
        }
    }

    private boolean compute(Saxpy saxpy) {
        int wrong = 0;
        for (int round = 1; round <= rounds; round++) {
            wrong += saxpy.wrongAfter(round + 0.5f);
        }
        say("computed %d rounds of %,d elements: %s", rounds, elements, wrong == 0 ? "all right" : wrong + " WRONG");
        return wrong == 0;
    }

    /** Takes memory in steps, halving the step at each refusal, until the smallest is refused. */
    private List<CUdeviceptr> takeAll(Gpu gpu, long heldBefore) {
        List<CUdeviceptr> taken = new ArrayList<>();
        long held = heldBefore;
        boolean refused = false;
        for (long step = takeStep; step >= SMALLEST_STEP; ) {
            Optional<CUdeviceptr> more = gpu.tryAllocate(step);
            if (more.isPresent()) {
                taken.add(more.get());
                held += step;
                continue;
            }
            if (!refused) {
                say("refused: %,d bytes held, %,d more are CUDA_ERROR_OUT_OF_MEMORY", held, step);
                refused = true;
            }
            step = nextStep(step);
        }
        say("holds %,d bytes, and not %d more", held, SMALLEST_STEP);
        return taken;
    }

    private static long nextStep(long step) {
        if (step <= SMALLEST_STEP) {
            return 0;
        }
        return Math.max(SMALLEST_STEP, step / 2 / SMALLEST_STEP * SMALLEST_STEP);
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
