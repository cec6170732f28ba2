package io.sluice.simulator.ptx;

/** Text that every module begins with. */
final class Ptx {
    static final String HEADER = ".version 7.8\n.target sm_70\n.address_size 64\n";

    static final boolean SOAK = Boolean.getBoolean("sluice.soak");

    private Ptx() {}

    /** How often a random test repeats: a few by default, many under -Dsluice.soak=true. */
    static int rounds(int few, int many) {
        return SOAK ? many : few;
    }

    /** A kernel with the parameter {@code data}, some registers, and the address of the data in %rd0. */
    static String kernel(String body) {
        return HEADER + ".visible .entry k(.param .u64 data)\n{\n"
                + ".reg .pred %p<8>;\n.reg .b16 %h<8>;\n.reg .b32 %r<32>;\n.reg .b64 %rd<32>;\n.reg .f32 %f<16>;\n.reg .f64 %fd<16>;\n"
                + "ld.param.u64 %rd0, [data];\n" + body + "\nret;\n}\n";
    }

    /** The line of the first line of the body of {@link #kernel}. */
    static final int FIRST_LINE = 13;
}
