package io.bulkhead.spec;

/** @param closesOrphans whether an orphaned ssh on a declared port is ended before a start needs the port; otherwise it is told */
public record PortGuard(boolean closesOrphans) {

    public static final PortGuard STANDARD = new PortGuard(false);
}
