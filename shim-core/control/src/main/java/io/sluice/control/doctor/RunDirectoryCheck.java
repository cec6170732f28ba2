package io.sluice.control.doctor;

import io.sluice.control.Container;
import io.sluice.control.ControlException;
import io.sluice.control.RunDirectory;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.List;
import java.util.Map;

/** Where the tenants of this host are kept: is it a place that only its owner can have prepared, and one for the whole host? */
public final class RunDirectoryCheck implements Check {
    private static final String SUBJECT = "run directory";

    private final RunDirectory run;
    private final Map<String, String> environment;

    public RunDirectoryCheck(RunDirectory run, Map<String, String> environment) {
        this.run = run;
        this.environment = Map.copyOf(environment);
    }

    @Override
    public List<Finding> look() {
        try {
            Container.here().requireShared(run, environment);
            if (!Files.exists(run.root(), LinkOption.NOFOLLOW_LINKS)) {
                return List.of(
                        Finding.right(SUBJECT, run.root() + " does not exist yet: the first 'sluice run' makes it"));
            }
            run.check();
            return List.of(Finding.right(
                    SUBJECT, run.root() + (run.mayApply() ? "" : ", where this user may not change limits")));
        } catch (ControlException e) {
            return List.of(Finding.wrong(SUBJECT, e));
        }
    }
}
