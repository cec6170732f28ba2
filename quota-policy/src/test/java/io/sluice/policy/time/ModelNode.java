package io.sluice.policy.time;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** The clock, the GPU and the applications of one simulated machine, event by event. */
final class ModelNode {
    private record Event(long atNs, Runnable action) {}

    final GpuModel gpu = new GpuModel();
    private final List<ModelApp> apps = new ArrayList<>();
    private final PriorityQueue<Event> events = new PriorityQueue<>(Comparator.comparingLong(Event::atNs));
    private long nowNs;

    void add(ModelApp app) {
        apps.add(app);
    }

    void at(long atNs, Runnable action) {
        events.add(new Event(Math.max(atNs, nowNs), action));
    }

    long nowNs() {
        return nowNs;
    }

    void run(long untilNs) {
        apps.forEach(ModelApp::pump);
        while (true) {
            long eventNs = events.isEmpty() ? Long.MAX_VALUE : events.element().atNs;
            long nextNs = Math.min(eventNs, gpu.nextNs());
            nowNs = Math.min(nextNs, untilNs);
            gpu.advance(nowNs);
            if (nextNs > untilNs) {
                return;
            }
            while (!events.isEmpty() && events.element().atNs <= nowNs) {
                events.remove().action.run();
            }
            apps.forEach(ModelApp::pump);
        }
    }
}
