package io.sluice.bridge.time;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.bridge.NativeDriver;
import io.sluice.bridge.NativeTarget;
import io.sluice.policy.time.Share;
import io.sluice.policy.time.TimeBucket;
import java.io.IOException;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same random times through the libwrapper's bucket and through the model. */
class TimeBucketDifferentialTest {
    private static final int STEPS = Boolean.getBoolean("sluice.soak") ? 1_000_000 : 20_000;
    private static final long MS = 1_000_000;
    private static final long DAY_MS = 86_400_000;

    @ParameterizedTest
    @EnumSource
    void theBucketAdmitsAsTheModelDoes(NativeTarget target) throws IOException {
        long seed = Long.getLong("sluice.seed", System.nanoTime());
        Random random = new Random(seed);
        Share share = share(random);
        TimeBucket model = new TimeBucket(share);
        long now = random.nextLong(100 * DAY_MS * MS);
        long taken = MS;
        int admitted = 0;
        try (NativeDriver driver = new NativeDriver(target.command("test/bucket_driver"), Map.of())) {
            driver.ask("share " + now + " " + share.millionths());
            driver.ask("settle " + now + " 0 0"); // it knows the share from now on
            boolean changed = false;
            for (int step = 0; step < STEPS; step++) {
                if (!changed && random.nextInt(50) == 0) {
                    changed = true; // of two changes in a row the libwrapper would see the second alone
                    Share next = share(random);
                    driver.ask("share " + now + " " + next.millionths());
                    model.setShare(now, next); // the libwrapper follows with its next step, at the same time
                } else {
                    changed = false;
                    now += pause(random);
                }
                String answer;
                String expected;
                if (random.nextInt(3) == 0) {
                    long actual = length(random);
                    answer = driver.ask("settle " + now + " " + taken + " " + actual);
                    model.settle(now, taken, actual);
                    expected = "0 " + model.waitNs(0);
                } else {
                    long since = now - (random.nextInt(4) == 0 ? random.nextLong(Math.min(now, 5_000 * MS)) : 0);
                    long ahead = random.nextInt(4) == 0 ? length(random) : 0;
                    long device = length(random);
                    long left = Math.max(0, model.waitNs(now) - wallNs(model, ahead));
                    boolean admits = model.admit(now, since, ahead, device);
                    taken = admits ? device : taken;
                    admitted += admits ? 1 : 0;
                    answer = driver.ask("try " + now + " " + since + " " + ahead + " " + device);
                    expected = (admits ? 0 : left) + " " + model.waitNs(0);
                }
                assertThat(answer)
                        .as("seed %d, step %d, now %d", seed, step, now)
                        .isEqualTo(expected);
            }
        }
        System.err.printf(
                "time bucket, %s: seed %d, %d steps, %d admitted, no difference%n", target, seed, STEPS, admitted);
        assertThat(admitted).isBetween(STEPS / 20, STEPS * 19 / 20);
    }

    /** What the share grants so much device time in, rounded up: the model's own word of it. */
    private static long wallNs(TimeBucket model, long deviceNs) {
        long ppm = model.share().millionths();
        return (deviceNs / ppm * Share.WHOLE) + ceilDiv(deviceNs % ppm * Share.WHOLE, ppm);
    }

    private static long ceilDiv(long a, long b) {
        return (a + b - 1) / b;
    }

    private static Share share(Random random) {
        return new Share(
                random.nextInt(10) == 0
                        ? random.nextInt(2) == 0 ? Share.LEAST : Share.WHOLE
                        : random.nextInt(Share.LEAST, Share.WHOLE + 1));
    }

    /** From a few ns to a kernel of minutes, and 0. */
    private static long length(Random random) {
        return random.nextInt(200) == 0
                ? random.nextLong(2 * DAY_MS * MS)
                : (long) Math.exp(random.nextDouble() * 19) - 1;
    }

    private static long pause(Random random) {
        return random.nextInt(100) == 0 ? random.nextLong(100_000 * MS) : (long) Math.exp(random.nextDouble() * 21) - 1;
    }
}
