package io.sluice.tests.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.AnnotatedElement;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.opentest4j.TestAbortedException;

/** Makes the {@link Node} that {@link SimulatedGpu} promises, and tears it down. */
final class SimulatedGpuExtension implements ParameterResolver, AfterEachCallback {
    private static final Namespace NAMESPACE = Namespace.create(SimulatedGpuExtension.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Node.class;
    }

    @Override
    public Node resolveParameter(ParameterContext parameter, ExtensionContext context) {
        int cards = annotation(context).map(SimulatedGpu::cards).orElse(1);
        return context.getStore(NAMESPACE)
                .getOrComputeIfAbsent(
                        Node.class,
                        type -> {
                            try {
                                return Node.create(cards);
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        },
                        Node.class);
    }

    /** A failed test tells the seed of its random numbers; a sanitizer's complaint fails the test. */
    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        Node node = context.getStore(NAMESPACE).remove(Node.class, Node.class);
        if (node == null) {
            return;
        }
        boolean failed = context.getExecutionException()
                .filter(exception -> !(exception instanceof TestAbortedException))
                .isPresent();
        if (failed) {
            System.err.println(context.getDisplayName() + " failed: repeat it with -Dsluice.seed=" + node.seed());
        }
        String complaint = node.close();
        if (!complaint.isEmpty() && !failed) {
            throw new AssertionError("a sanitizer complained in a client process:\n" + complaint);
        }
    }

    private static Optional<SimulatedGpu> annotation(ExtensionContext context) {
        return context.getElement()
                .flatMap(SimulatedGpuExtension::on)
                .or(() -> context.getTestClass().flatMap(SimulatedGpuExtension::on));
    }

    private static Optional<SimulatedGpu> on(AnnotatedElement element) {
        return Optional.ofNullable(element.getAnnotation(SimulatedGpu.class));
    }
}
