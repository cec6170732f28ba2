package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** With {@code on_excess: wait} a request for more than fits waits for its turn, across processes. */
@SimulatedGpu
class MemoryWaitTest {
    private static final int OUT_OF_MEMORY = 2;
    private static final long MB = 1L << 20;
    private static final Duration LONG = Duration.ofMinutes(2);

    @Test
    void waitsForWhatAnotherProcessFrees(Node node) throws Exception {
        Two two = Two.oneWaits(node, "alloc " + 20 * MB);
        two.holder.must("free 0");
        assertThat(two.waiter.await().result()).isZero();
        assertThat(two.tenant.used()).isEqualTo(20 * MB);
    }

    @Test
    void whoComesFirstIsServedFirst(Node node) throws Exception {
        Tenant alice = waiting(node, LONG);
        Client holder = client(alice);
        Client large = client(alice);
        Client small = client(alice);
        holder.must("alloc " + 50 * MB);
        holder.must("alloc " + 40 * MB);
        large.begin("alloc " + 80 * MB);
        assertStillWaits(large, alice, 90 * MB);
        small.begin("alloc " + 5 * MB);
        assertStillWaits(small, alice, 90 * MB);
        holder.must("free 1");
        assertStillWaits(small, alice, 50 * MB);
        holder.must("free 0");
        assertThat(large.await().result()).isZero();
        assertThat(small.await().result()).isZero();
        assertThat(alice.used()).isEqualTo(85 * MB);
    }

    @Test
    void deniesWhenItHasWaitedLongEnough(Node node) throws Exception {
        Tenant alice = waiting(node, Duration.ofMillis(300));
        Client client = client(alice);
        client.must("alloc " + 90 * MB);
        long begun = System.nanoTime();
        assertThat(client.ask("alloc " + 20 * MB).result()).isEqualTo(OUT_OF_MEMORY);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(300));
        assertThat(client.sluiceLines()).singleElement().asString().contains("reason=limit");
        assertThat(alice.usage(node.card()).excess().waited()).isGreaterThanOrEqualTo(Duration.ofMillis(300));
        client.must("alloc " + 10 * MB);
    }

    @Test
    void neverWaitsForMoreThanTheLimit(Node node) throws Exception {
        Tenant alice = waiting(node, LONG);
        assertThat(client(alice).ask("alloc " + 101 * MB).result()).isEqualTo(OUT_OF_MEMORY);
    }

    @Test
    void aWaiterThatIsKilledHoldsNobodyUp(Node node) throws Exception {
        Tenant alice = waiting(node, LONG);
        Client holder = client(alice);
        Client killed = client(alice);
        Client next = client(alice);
        holder.must("alloc " + 90 * MB);
        killed.begin("alloc " + 95 * MB);
        assertStillWaits(killed, alice, 90 * MB);
        killed.kill();
        next.begin("alloc " + 9 * MB);
        assertThat(next.await().result()).isZero();
        client(alice).must("alloc 1000");
    }

    @Test
    void aHigherLimitEndsTheWait(Node node) throws Exception {
        Tenant alice = waiting(node, LONG);
        Client client = client(alice);
        client.must("alloc " + 90 * MB);
        client.begin("alloc " + 20 * MB);
        assertStillWaits(client, alice, 90 * MB);
        alice.limit(node.card(), 110 * MB);
        assertThat(client.await().result()).isZero();
    }

    @Test
    void aKilledHolderEndsTheWait(Node node) throws Exception {
        Two two = Two.oneWaits(node, "alloc " + 20 * MB);
        two.holder.kill();
        assertThat(two.waiter.await().result()).isZero();
    }

    @Test
    void poolsWaitWhileOtherThreadsFree(Node node) throws Exception {
        Two two = Two.oneWaits(node, "pool-alloc " + 20 * MB);
        two.holder.must("free 0");
        assertThat(two.waiter.await().result()).isZero();
    }

    @Test
    void saysOnceThatUseHasReachedTheWarning(Node node) throws Exception {
        Tenant alice = node.tenant("alice", 100 * MB);
        alice.excess(80 * MB, Optional.empty());
        Client client = client(alice);
        client.must("alloc " + 79 * MB);
        assertThat(client.sluiceLines()).isEmpty();
        client.must("alloc " + 2 * MB);
        client.must("alloc " + 2 * MB);
        assertThat(client.sluiceLines())
                .singleElement()
                .asString()
                .contains("warning tenant=alice")
                .contains("used=" + 81 * MB + " warn=" + 80 * MB + " limit=" + 100 * MB);
    }

    /** Two processes of a tenant with 100 MiB: one holds 90 of them, and so the other's request waits. */
    private record Two(Tenant tenant, Client holder, Client waiter) {
        static Two oneWaits(Node node, String request) throws Exception {
            Tenant alice = waiting(node, LONG);
            Two two = new Two(alice, client(alice), client(alice));
            two.holder.must("alloc " + 90 * MB);
            two.waiter.begin(request);
            assertStillWaits(two.waiter, alice, 90 * MB);
            return two;
        }
    }

    private static Tenant waiting(Node node, Duration most) throws IOException {
        Tenant alice = node.tenant("alice", 100 * MB);
        alice.excess(0, Optional.of(most));
        return alice;
    }

    private static Client client(Tenant tenant) throws IOException {
        return tenant.client(Way.DLOPEN_SONAME).started();
    }

    /** Long enough for a request that is granted to have been answered. */
    private static void assertStillWaits(Client client, Tenant tenant, long used) throws Exception {
        Thread.sleep(250);
        assertThat(client.hasAnswered()).as("answered").isFalse();
        assertThat(tenant.used()).isEqualTo(used);
    }
}
