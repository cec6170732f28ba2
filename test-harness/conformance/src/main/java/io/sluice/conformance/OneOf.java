package io.sluice.conformance;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Any of several results, where the documentation names more than one or NVIDIA's drivers differ from it. */
final class OneOf implements Expected {
    private final Set<Result> allowed;

    OneOf(Result first, Result... others) {
        EnumSet<Result> results = EnumSet.of(first);
        results.addAll(List.of(others));
        this.allowed = results;
    }

    @Override
    public boolean allows(int result) {
        return allowed.stream().anyMatch(one -> one.code() == result);
    }

    @Override
    public String describe() {
        return allowed.stream().map(Result::name).collect(Collectors.joining(" or "));
    }
}
