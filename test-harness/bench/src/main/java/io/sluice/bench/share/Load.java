package io.sluice.bench.share;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What the processes of a tenant ask of the GPU.
 *
 * @param arguments of {@code share-client}, which describes them
 * @param processes that do so at once
 */
record Load(String title, List<String> arguments, int processes) {

    /** Kernels of one length, as fast as they go. */
    static Load of(double microseconds) {
        return new Load(length(microseconds), List.of("lengths=" + ns(microseconds)), 1);
    }

    /** Kernels of several lengths, each as likely as the others. */
    static Load mix(double... microseconds) {
        List<String> lengths = Stream.of(microseconds)
                .flatMap(all -> Arrays.stream(all).boxed())
                .map(one -> Long.toString(ns(one)))
                .toList();
        List<String> titles = Arrays.stream(microseconds).mapToObj(Load::length).toList();
        return new Load(String.join(" / ", titles), List.of("lengths=" + String.join(",", lengths)), 1);
    }

    static Load lognormal(double meanMicroseconds, double sigma) {
        String argument = String.format(Locale.ROOT, "lengths=lognormal:%d:%.2f", ns(meanMicroseconds), sigma);
        return new Load("lognormal " + length(meanMicroseconds), List.of(argument), 1);
    }

    Load gap(double microseconds) {
        return with(", host " + length(microseconds), "gap_ns=" + ns(microseconds));
    }

    /** @param what copy, host or wait: what stands in the stream between launches */
    Load between(String what) {
        return with(", " + what, "between=" + what);
    }

    Load streams(int streams) {
        return with(", " + streams + " streams", "streams=" + streams);
    }

    /** Launched as graphs of so many kernels. */
    Load graphs(int kernels) {
        return with(", graphs of " + kernels, "graph=" + kernels);
    }

    /** Waits for each launch, and takes its time. */
    Load oneByOne() {
        return with(", one by one", "ahead_ns=0");
    }

    Load processes(int count) {
        return new Load(title + ", " + count + " processes", arguments, count);
    }

    private Load with(String addition, String argument) {
        return new Load(
                title + addition,
                Stream.concat(arguments.stream(), Stream.of(argument)).toList(),
                processes);
    }

    private static long ns(double microseconds) {
        return Math.round(microseconds * 1000);
    }

    private static String length(double microseconds) {
        return microseconds < 1000
                ? String.format(Locale.ROOT, "%.0f us", microseconds)
                : String.format(Locale.ROOT, "%.0f ms", microseconds / 1000);
    }
}
