package io.sluice.conformance;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A process that runs checks: it reads their ids from standard input and says on standard output when it begins one and how it
 * ended. It ends early where a check has left its context broken.
 */
final class Worker {
    static final String BEGINS = "\u0001begins ";
    static final String ENDED = "\u0001ended ";

    private final Cuda cuda;
    private final OtherProcess.Starter others;
    private @Nullable Home home;
    private boolean broken;

    private Worker(String driver) {
        this.cuda = Cuda.load(driver);
        this.others = OtherProcess.starter(driver);
    }

    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        Suite suite = Suite.whole();
        Worker worker = new Worker(arguments[0]);
        BufferedReader ids = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String id = ids.readLine(); id != null && !worker.broken; id = ids.readLine()) {
            out.println(BEGINS + id);
            Outcome outcome = worker.run(suite.check(id));
            out.println(ENDED + outcome.verdict().name() + " " + outcome.detail());
        }
        // A driver may still hold threads that are attached to this JVM.
        Runtime.getRuntime().halt(0);
    }

    private Outcome run(Check check) {
        Outcome outcome = attempt(check);
        return check.place().equals(Place.SHARED) && home != null ? restored(home, outcome) : outcome;
    }

    private Outcome attempt(Check check) {
        Trial trial = new Trial(cuda, others, check.support());
        try {
            prepare(check);
            refuseUnclaimed(check, trial);
            check.body().run(trial);
            return new Outcome(check, Verdict.PASS, "");
        } catch (CheckEnded ended) {
            return new Outcome(check, ended.verdict(), ended.detail());
        } catch (Exception e) {
            return new Outcome(check, Verdict.FAIL, "the check itself failed: " + e);
        } finally {
            trial.end();
        }
    }

    /** What prepares a check has to work on every driver, whatever the check may leave open. */
    private void prepare(Check check) {
        if (check.place().context() && home == null) {
            home = Home.open(plainTrial());
        }
    }

    private static void refuseUnclaimed(Check check, Trial trial) {
        if (check.support() instanceof Support.Told told) {
            trial.supportedIf(told.claimed().test(trial), told.condition());
        }
    }

    private Outcome restored(Home shared, Outcome outcome) {
        String trouble = "";
        try {
            int result = shared.restore(plainTrial());
            if (result != Result.SUCCESS.code()) {
                trouble = Result.describe(result);
            }
        } catch (CheckEnded ended) {
            trouble = ended.detail();
        }
        broken = !trouble.isEmpty();
        return broken && outcome.verdict() == Verdict.PASS
                ? new Outcome(outcome.check(), Verdict.FAIL, "left its context broken: " + trouble)
                : outcome;
    }

    private Trial plainTrial() {
        return new Trial(cuda, others, new Support.Always());
    }
}
