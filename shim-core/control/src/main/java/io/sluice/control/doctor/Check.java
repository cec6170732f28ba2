package io.sluice.control.doctor;

import java.util.List;

/** Looks at one thing and changes nothing, unless it says so. What it cannot look at is a finding too, never an exception. */
public interface Check {
    List<Finding> look();
}
