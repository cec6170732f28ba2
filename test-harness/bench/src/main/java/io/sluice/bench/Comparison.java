package io.sluice.bench;

/**
 * Bare against governed. Each round measured one right after the other, so ratio and difference are taken round by
 * round, and what disturbs the machine for longer than a round falls out of both.
 *
 * @param bareNs time of one call without the libwrapper
 * @param governedNs the same through it
 * @param ratio governed / bare
 * @param addedNs governed − bare
 */
record Comparison(Spread bareNs, Spread governedNs, Spread ratio, Spread addedNs) {

    static Comparison of(double[] bareNs, double[] governedNs) {
        double[] ratio = new double[bareNs.length];
        double[] added = new double[bareNs.length];
        for (int round = 0; round < bareNs.length; round++) {
            ratio[round] = governedNs[round] / bareNs[round];
            added[round] = governedNs[round] - bareNs[round];
        }
        return new Comparison(Spread.of(bareNs), Spread.of(governedNs), Spread.of(ratio), Spread.of(added));
    }
}
