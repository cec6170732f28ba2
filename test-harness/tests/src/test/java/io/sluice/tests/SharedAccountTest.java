package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tests.harness.Answer;
import io.sluice.tests.harness.Charge;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** All processes and threads of one tenant share one account. */
@SimulatedGpu
class SharedAccountTest {
    private static final int ALLOCATIONS = 100_000;

    @Test
    void twoProcessesRacingForTheLastBytesNeverGetAByteTooMany(Node node) throws Exception {
        long limit = node.oddBytes(1, 2);
        Tenant alice = node.tenant("alice", limit);
        Client first = alice.client(Way.DLOPEN_SONAME).started();
        Client second = alice.client(Way.LINKED).started();
        long most = mostSeenDuring(alice, () -> {
            first.begin("churn " + ALLOCATIONS / 2 + " " + node.random().nextInt(1 << 30) + " 99999 100 1");
            second.begin("churn " + ALLOCATIONS / 2 + " " + node.random().nextInt(1 << 30) + " 99999 100 1");
            Answer one = first.await();
            Answer two = second.await();
            assertThat(one.result() + two.result()).as("%s, %s", one, two).isZero();
            assertThat(one.number(1) + two.number(1))
                    .as("denials: the race was one")
                    .isPositive();
            assertThat(alice.used()).as("charged against held").isEqualTo(one.number(2) + two.number(2));
        });
        assertThat(most).as("the most that was ever seen charged").isLessThanOrEqualTo(limit);

        first.begin("fill " + node.random().nextInt(1 << 30) + " 99999");
        second.begin("fill " + node.random().nextInt(1 << 30) + " 99999");
        long held = first.await().number(1) + second.await().number(1);
        assertThat(held).as("bytes held when nobody gets one more").isEqualTo(Charge.largestIn(limit));
        assertThat(alice.used()).isEqualTo(held);

        first.must("drop");
        second.must("drop");
        assertThat(alice.used()).as("charged after all was freed").isZero();
        assertThat(alice.usage(node.card()).peak().value()).isLessThanOrEqualTo(limit);
    }

    @Test
    void threadsOfOneProcessShareItToo(Node node) throws Exception {
        Tenant alice = node.tenant("alice", node.oddBytes(1, 2));
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        long most = mostSeenDuring(alice, () -> {
            Answer answer = client.must("churn 10000 " + node.random().nextInt(1 << 30) + " 99999 40 4");
            assertThat(answer.number(1)).as("denials: the race was one").isPositive();
            assertThat(alice.used()).isEqualTo(answer.number(2));
        });
        assertThat(most).as("the most that was ever seen charged").isLessThanOrEqualTo(alice.limit());
        client.must("drop");
        assertThat(alice.used()).isZero();
    }

    /** Odd limits are never reached exactly; this one is. */
    @Test
    void theWholeLimitIsTheTenants(Node node) throws IOException {
        long limit = Charge.largestIn(node.oddBytes(1, 20));
        Tenant alice = node.tenant("alice", limit);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        client.must("alloc " + (limit - 512));
        client.must("alloc 512");
        assertThat(alice.used()).isEqualTo(limit);
        assertThat(client.ask("alloc 1").result()).isEqualTo(2);
        client.must("free 1");
        client.must("alloc 1");
        assertThat(alice.used()).isEqualTo(limit);
    }

    @Test
    void aLowerLimitHoldsAtOnceAndTakesNothingAway(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 10_000_001);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        client.must("alloc 6000000");
        alice.limit(node.card(), 5_000_001);
        assertThat(client.ask("alloc 1").result()).isEqualTo(2);
        assertThat(alice.used()).isEqualTo(Charge.of(6_000_000));
        assertThat(client.must("info").values()).as("free and total").isEqualTo(List.of("0", "5000001"));
        client.must("free 0");
        client.must("alloc " + Charge.largestIn(5_000_001));
        assertThat(client.ask("alloc 512").result()).isEqualTo(2);
    }

    @Test
    void tenantsDoNotTouchEachOthersAccounts(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 3_000_001);
        Tenant bob = node.tenant("bob", 2_000_001);
        Client first = alice.client(Way.DLOPEN_SONAME).started();
        Client second = bob.client(Way.DLOPEN_SONAME).started();
        first.must("alloc " + Charge.largestIn(3_000_001));
        second.must("alloc " + Charge.largestIn(2_000_001));
        assertThat(first.ask("alloc 512").result()).isEqualTo(2);
        assertThat(second.ask("alloc 512").result()).isEqualTo(2);
        assertThat(alice.used()).isEqualTo(Charge.largestIn(3_000_001));
        first.end();
        assertThat(bob.used()).isEqualTo(Charge.largestIn(2_000_001));
    }

    /** The most that the ledger ever showed as charged while {@code work} went on. */
    private static long mostSeenDuring(Tenant tenant, Runnable work) throws InterruptedException {
        AtomicBoolean done = new AtomicBoolean();
        AtomicLong most = new AtomicLong();
        Thread witness = new Thread(() -> {
            while (!done.get()) {
                most.accumulateAndGet(tenant.used(), Math::max);
            }
        });
        witness.start();
        try {
            work.run();
        } finally {
            done.set(true);
            witness.join();
        }
        return most.get();
    }
}
