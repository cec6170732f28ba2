package io.sluice.tests.harness;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives each test a {@link Node} of its own, as a parameter: simulated GPUs of random odd memory sizes that no other
 * test sees, and an empty run directory. At the end of the test its processes are killed and its files removed.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(SimulatedGpuExtension.class)
public @interface SimulatedGpu {
    /** How many GPUs the node has. */
    int cards() default 1;
}
