package io.bulkhead.api;

/** The version of this program, the same as in pom.xml (a test compares them). */
public final class Version {

    public static final String TEXT = "0.1.0";

    private Version() {}
}
