package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import io.sluice.bridge.api.DriverApi;
import io.sluice.bridge.api.DriverFunction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcAddressTest {
    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(64 << 20));
    }

    @Test
    void answersEveryRowAsThe535DriverDoes() throws Exception {
        Child.run(cards, ProcAddressTest.class, "compareAllRows");
    }

    static void compareAllRows() throws Exception {
        Cuda cuda = Cuda.load();
        NativeLibrary library = Cuda.library();
        List<String> rows = Files.readAllLines(Native.api().resolve(ProcAddressWriter.FILE));
        assertThat(rows).hasSize(2492);
        for (int i = 1; i < rows.size(); i++) {
            String[] column = rows.get(i).split("\t", -1);
            Pointer expected = column[3].equals("-") ? null : library.getFunction(column[3]);
            PointerByReference function = new PointerByReference();
            IntByReference status = new IntByReference(-1);
            int version = Integer.parseInt(column[2]);
            long flags = Long.parseLong(column[1]);
            Cuda.check(cuda.cuGetProcAddress_v2(column[0], function, version, flags, status));
            assertThat(Pointer.nativeValue(function.getValue()))
                    .as(rows.get(i))
                    .isEqualTo(Pointer.nativeValue(expected));
            assertThat(status.getValue()).as(rows.get(i)).isEqualTo(Integer.parseInt(column[4]));
            assertThat(cuda.cuGetProcAddress(column[0], function, version, flags))
                    .as(rows.get(i))
                    .isEqualTo(expected == null ? Cuda.NOT_FOUND : Cuda.SUCCESS);
        }
    }

    @Test
    void exportsTheNamesOfThe535DriverAndNoOthers() throws Exception {
        Child.run(cards, ProcAddressTest.class, "compareExports");
    }

    static void compareExports() throws Exception {
        NativeLibrary library = Cuda.library();
        for (DriverFunction function : DriverApi.read(Native.api())) {
            boolean exported;
            try {
                library.getGlobalVariableAddress(function.name());
                exported = true;
            } catch (UnsatisfiedLinkError e) {
                exported = false;
            }
            assertThat(exported).as(function.name()).isEqualTo(function.inDriver535());
        }
    }

    @Test
    void tellsUnknownNamesFromErrors() throws Exception {
        Child.run(cards, ProcAddressTest.class, "unknownNames");
    }

    static void unknownNames() {
        Cuda cuda = Cuda.load();
        PointerByReference function = new PointerByReference();
        IntByReference status = new IntByReference(-1);
        for (String name : List.of("", "cuNone", "cuMemAlloc_v2", "cuLaunchKernel_ptsz", "cuMemAll", "cumemalloc")) {
            function.setValue(Pointer.createConstant(1));
            Cuda.check(cuda.cuGetProcAddress_v2(name, function, 12020, 0, status));
            assertThat(function.getValue()).as(name).isNull();
            assertThat(status.getValue()).as(name).isEqualTo(1);
            assertThat(cuda.cuGetProcAddress(name, function, 12020, 0)).isEqualTo(Cuda.NOT_FOUND);
        }
        Cuda.check(cuda.cuGetProcAddress_v2("", function, 0, 0, null));
        Cuda.check(cuda.cuGetProcAddress_v2("cuInit", function, 2000, 3, status));
        assertThat(cuda.cuGetProcAddress_v2("cuInit", function, 2000, 4, status))
                .isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.cuGetProcAddress_v2(null, function, 2000, 0, status)).isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.cuGetProcAddress("cuInit", null, 2000, 0)).isEqualTo(Cuda.INVALID_VALUE);
    }

    @Test
    void hasNoExportTable() throws Exception {
        Child.run(cards, ProcAddressTest.class, "exportTable");
    }

    static void exportTable() {
        PointerByReference table = new PointerByReference(Pointer.createConstant(1));
        Memory id = new Memory(16);
        id.clear();
        assertThat(Cuda.load().cuGetExportTable(table, id)).isEqualTo(Cuda.NOT_FOUND);
        assertThat(table.getValue()).isNull();
    }

    @Test
    void namesTheErrors() throws Exception {
        Child.run(cards, ProcAddressTest.class, "errorNames");
    }

    static void errorNames() {
        Cuda cuda = Cuda.load();
        Object[][] known = {
            {0, "CUDA_SUCCESS", "no error"},
            {2, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
            {700, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
            {801, "CUDA_ERROR_NOT_SUPPORTED", "operation not supported"},
            {999, "CUDA_ERROR_UNKNOWN", "unknown error"},
        };
        PointerByReference text = new PointerByReference();
        for (Object[] error : known) {
            Cuda.check(cuda.cuGetErrorName((int) error[0], text));
            assertThat(text.getValue().getString(0)).isEqualTo(error[1]);
            Cuda.check(cuda.cuGetErrorString((int) error[0], text));
            assertThat(text.getValue().getString(0)).isEqualTo(error[2]);
        }
        assertThat(cuda.cuGetErrorName(12345, text)).isEqualTo(Cuda.INVALID_VALUE);
        assertThat(text.getValue()).isNull();
    }
}
