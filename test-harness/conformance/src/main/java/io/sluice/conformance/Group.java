package io.sluice.conformance;

import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Declares checks of one section that run in one place. Changing what holds for a group makes another group. */
public final class Group {
    private final Consumer<Check> declared;
    private final Section section;
    private final Place place;
    private final Support support;

    Group(Consumer<Check> declared, Section section, Place place, Support support) {
        this.declared = declared;
        this.section = section;
        this.place = place;
        this.support = support;
    }

    /** In a process of this name, with a context, because these checks would break it for others. */
    public Group apart(String process) {
        return new Group(declared, section, new Place(process, true), support);
    }

    /** In a process of this name in which nobody has called CUDA. */
    public Group untouched(String process) {
        return new Group(declared, section, new Place(process, false), support);
    }

    /** Where the driver or the device may do without. */
    public Group leftOpen() {
        return new Group(declared, section, place, new Support.LeftOpen());
    }

    /** Where a device attribute other than 0 promises it. */
    public Group promisedBy(Attribute attribute) {
        return promised("the device's attribute " + attribute + " is 0", trial -> trial.attribute(attribute) != 0);
    }

    public Group promised(String otherwise, Predicate<Trial> claimed) {
        return new Group(declared, section, place, new Support.Told(otherwise, claimed));
    }

    public Group check(String id, String statement, Check.Body body) {
        declared.accept(new Check(id, section, statement, place, support, body));
        return this;
    }

    /** The function that the id names, with these arguments, answers this. See {@link Given} for arguments. */
    public Group answers(Expected expected, String id, String statement, @Nullable Object... arguments) {
        String function = id.substring(0, id.indexOf('/'));
        return check(id, statement, trial -> trial.expect(expected, function, arguments));
    }
}
