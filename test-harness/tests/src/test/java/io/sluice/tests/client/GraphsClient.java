package io.sluice.tests.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/**
 * An ordinary JCuda program that lets graphs, streams, events, managed memory and host functions work on random numbers, and
 * computes the same in Java. {@code round SEED} on stdin is answered with {@code 0} and how many numbers were right.
 */
public final class GraphsClient {
    private GraphsClient() {}

    public static void main(String[] arguments) throws IOException {
        StepKernel kernel = new StepKernel();
        GraphRounds graphs = new GraphRounds(kernel);
        StreamRounds streams = new StreamRounds(kernel);
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            Random random = new Random(Long.parseLong(line.split(" ")[1]));
            long right = graphs.builtGraph(random)
                    + graphs.capturedGraph(random)
                    + streams.streamsAndEvents(random)
                    + streams.managedAndHostFunctions(random);
            System.out.println("0 " + right);
            System.out.flush();
        }
    }
}
