package io.bulkhead.core;

/** One copy of an app: {@code api/0}. */
public record InstanceId(String app, int index) implements Comparable<InstanceId> {

    @Override
    public int compareTo(InstanceId other) {
        int byApp = app.compareTo(other.app);
        return byApp != 0 ? byApp : Integer.compare(index, other.index);
    }

    @Override
    public String toString() {
        return app + "/" + index;
    }
}
