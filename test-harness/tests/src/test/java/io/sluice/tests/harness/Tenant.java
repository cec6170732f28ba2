package io.sluice.tests.harness;

import io.sluice.bridge.ledger.ArbiterFile;
import io.sluice.bridge.ledger.GpuUsage;
import io.sluice.bridge.ledger.Ledger;
import io.sluice.bridge.ledger.Limits;
import io.sluice.policy.Bytes;
import io.sluice.policy.TenantName;
import io.sluice.policy.tenantfile.OnExcess;
import io.sluice.policy.tenantfile.SmQuota;
import io.sluice.policy.time.Priority;
import io.sluice.policy.time.Share;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A tenant of a {@link Node}, with its account. */
public final class Tenant {
    private static final FileAttribute<Set<PosixFilePermission>> OWNERS =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxrwx---"));

    private final Node node;
    private final TenantName name;
    private final Ledger ledger;
    private final Limits limits;

    Tenant(Node node, TenantName name, Map<Card, Long> limitBytes) throws IOException {
        this.node = node;
        this.name = name;
        Files.createDirectories(folder(), OWNERS);
        Files.createDirectories(node.runDirectory().resolve("limits"));
        this.ledger = Ledger.create(
                ledgerFile(), name, limitBytes.keySet().stream().map(Card::id).toList());
        Files.createFile(
                folder().resolve("locks"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-rw----")));
        this.limits = Limits.createOrOpen(limitsFile(), name);
        limitBytes.forEach((card, bytes) -> limits.set(card.id(), Bytes.of(bytes)));
    }

    public TenantName name() {
        return name;
    }

    public Path folder() {
        return node.runDirectory().resolve("tenants").resolve(name.value());
    }

    public Path ledgerFile() {
        return folder().resolve("ledger");
    }

    public Path limitsFile() {
        return node.runDirectory().resolve("limits").resolve(name.value());
    }

    public Ledger ledger() {
        return ledger;
    }

    /** The limit on the node's first card. */
    public long limit() {
        return limits.limit(node.card().id()).map(Bytes::value).orElse(0L);
    }

    /** Changes the limit under running processes. */
    public void limit(Card card, long bytes) {
        limits.set(card.id(), Bytes.of(bytes));
    }

    /** What happens at the limit on the node's first card: a line at {@code warnBytes}, and a wait. */
    public void excess(long warnBytes, Optional<Duration> wait) {
        limits.setExcess(
                node.card().id(),
                Bytes.of(warnBytes),
                wait.<OnExcess>map(OnExcess.Wait::new).orElse(new OnExcess.Deny()));
    }

    /** From now on what is over the limit of the node's first card is managed memory of the host. */
    public void spills() {
        limits.setExcess(node.card().id(), Bytes.ZERO, new OnExcess.Spill());
    }

    /** Limits page-locked host memory, under running processes too; empty for no limit. */
    public void pinned(Optional<Long> bytes) {
        limits.setPinned(bytes.map(Bytes::of));
    }

    /** Sets its share of the time of the node's first card, under running processes too. */
    public Tenant share(int percent) throws IOException {
        return share(new SmQuota(Share.ofPercent(percent), Optional.empty(), Priority.NORMAL));
    }

    public Tenant share(SmQuota quota) throws IOException {
        ensureArbiter();
        limits.setShare(node.card().id(), quota);
        return this;
    }

    /** It has no share, and takes turns by that weight. */
    public Tenant weight(int percent) throws IOException {
        ensureArbiter();
        limits.setNoShare(node.card().id(), Optional.of(Share.ofPercent(percent)));
        return this;
    }

    private void ensureArbiter() throws IOException {
        Path arbiters = Files.createDirectories(node.runDirectory().resolve("arbiters"));
        ArbiterFile.ensure(arbiters.resolve(node.card().id().uuid().toString()));
    }

    /** What a context is charged on the node's first card. */
    public void context(long bytes) {
        limits.setContext(node.card().id(), Bytes.of(bytes));
    }

    public GpuUsage usage(Card card) {
        return ledger.usage().stream()
                .filter(usage -> usage.gpu().equals(card.id()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("the ledger of " + name + " has no row for " + card));
    }

    /** Bytes charged on the node's first card. */
    public long used() {
        return usage(node.card()).used().value();
    }

    /** The sum over all slots on the node's first card, as of one instant. */
    public long sumOfSlots() {
        int row = ledger.gpus().indexOf(node.card().id());
        return Build.nativeControl()
                .audit(node.runDirectory(), name)
                .get(row)
                .sumOfShares()
                .value();
    }

    public Client client(Way way) throws IOException {
        return client(way, Map.of());
    }

    /** A client under another command, such as {@code unshare}. */
    public Client client(List<String> under, Way way) throws IOException {
        List<String> command = new ArrayList<>(under);
        command.addAll(way.command());
        return node.start(command, environment(Map.of()));
    }

    public Client client(Way way, Map<String, String> more) throws IOException {
        return node.start(way.command(), environment(more));
    }

    public Map<String, String> environment(Map<String, String> more) {
        Map<String, String> environment = new HashMap<>(node.governedEnvironment(name));
        environment.putAll(more);
        return environment;
    }
}
