package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.GpuWork;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever function launches, a tenant's share holds for it. */
@SimulatedGpu
class LaunchWaysTest {
    private static final long MIB = 1L << 20;

    /** What 10 % grants in 250 ms. */
    private static final long KERNEL_NS = 25_000_000;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cuLaunch",
                "cuLaunchGrid",
                "cuLaunchGridAsync",
                "cuLaunchKernel",
                "cuLaunchKernel_ptsz",
                "cuLaunchKernelEx",
                "cuLaunchKernelEx_ptsz",
                "cuLaunchCooperativeKernel",
                "cuLaunchCooperativeKernel_ptsz",
                "cuLaunchCooperativeKernelMultiDevice"
            })
    void eachWayToLaunchWaitsForTheShare(String function, Node node) throws IOException {
        Tenant alice = node.tenant("alice", 64 * MIB).share(10);
        Client client = withKernel(node, alice);
        for (int i = 0; i < 4; i++) {
            client.must("launch cuLaunchKernel 0"); // so that it is known how long it takes
        }
        Duration before = throttled(alice, node);
        client.must("launch " + function + " 0");
        client.must("launch " + function + " 0");
        assertThat(throttled(alice, node).minus(before)).isGreaterThan(Duration.ofMillis(200));
        assertThat(alice.usage(node.card()).launches()).isEqualTo(6);
    }

    @Test
    void aLaunchThatFailsTakesNoTime(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 64 * MIB).share(1);
        Client client = withKernel(node, alice);
        for (int i = 0; i < 1000; i++) {
            assertThat(client.ask("launch cuLaunchKernel 7").result()).isNotZero(); // no such function
        }
        assertThat(throttled(alice, node)).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void contextsThatEndWhileTheirLaunchesAreMeasuredLeaveTheNextOnesWhole(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 64 * MIB).share(50);
        Client client = alice.client(Way.DLOPEN_SONAME);
        client.must("init");
        Path kernel = kernel(node);
        for (int i = 0; i < 20; i++) {
            long context = client.must("context 0").number(0);
            client.must("module data " + kernel);
            client.must("function module " + i + " k");
            client.must("launch cuLaunchKernel " + i);
            client.must("destroy " + context);
        }
        client.must("context 0");
        client.must("module data " + kernel);
        client.must("function module 20 k");
        client.must("launch cuLaunchKernel 20");
        await().untilAsserted(() -> assertThat(alice.usage(node.card()).time().busy())
                .as("measured")
                .isPositive());
        assertThat(alice.usage(node.card()).launches()).isEqualTo(21);
    }

    private static Client withKernel(Node node, Tenant tenant) throws IOException {
        new GpuWork(node).kernelsOf("k", KERNEL_NS);
        Client client = tenant.client(Way.DLOPEN_SONAME).started();
        client.must("module data " + kernel(node));
        client.must("function module 0 k");
        return client;
    }

    private static Path kernel(Node node) throws IOException {
        return Files.writeString(
                node.file("k.ptx"),
                ".version 7.0\n.target sm_52\n.address_size 64\n.visible .entry k()\n{\n\tret;\n}\n");
    }

    private static Duration throttled(Tenant tenant, Node node) {
        return tenant.usage(node.card()).time().throttled();
    }
}
