package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Libraries belong to no context. */
class LibraryTest {
    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(64 << 20));
    }

    @Test
    void kernelsOfALibraryAreThereBeforeAContextIsAndRunInEachOne() throws Exception {
        Child.run(cards, LibraryTest.class, "beforeAnyContext");
    }

    static void beforeAnyContext() {
        Cuda cuda = Cuda.initialised();
        PointerByReference library = new PointerByReference();
        PointerByReference kernel = new PointerByReference();
        Cuda.check(cuda.cuLibraryLoadData(library, Ptx.image(Ptx.KERNELS), null, null, 0, null, null, 0));
        assertThat(cuda.cuLibraryGetKernel(kernel, library.getValue(), "nowhere"))
                .isEqualTo(Cuda.NOT_FOUND);
        Cuda.check(cuda.cuLibraryGetKernel(kernel, library.getValue(), "store"));
        for (int i = 0; i < 2; i++) {
            Pointer context = cuda.newContext(0);
            long address = cuda.allocate(4);
            Cuda.check(Ptx.launch(cuda, kernel.getValue(), 1, 1, Ptx.parameters(address)));
            assertThat(cuda.get(address, 4)[0]).as("in context %d", i).isEqualTo((byte) 7);
            Cuda.check(cuda.cuCtxDestroy_v2(context));
        }
        Cuda.check(cuda.cuLibraryUnload(library.getValue()));
        assertThat(cuda.cuLibraryUnload(library.getValue())).isEqualTo(Cuda.INVALID_HANDLE);
    }

    @Test
    void anImageThatIsBrokenIsRefusedWithoutAContextToo() throws Exception {
        Child.run(cards, LibraryTest.class, "broken");
    }

    static void broken() {
        Cuda cuda = Cuda.initialised();
        PointerByReference library = new PointerByReference();
        assertThat(cuda.cuLibraryLoadData(library, Ptx.image(Ptx.KERNELS + "nonsense"), null, null, 0, null, null, 0))
                .isEqualTo(Cuda.INVALID_PTX);
    }
}
