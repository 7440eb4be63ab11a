package io.bulkhead.spec;

/**
 * @param log default rotation for every app
 * @param inheritEnvironment whether apps see the daemon's own environment; false gives them a clean one
 */
public record ServerSpec(LogSpec log, boolean inheritEnvironment) {

    public static final ServerSpec DEFAULT = new ServerSpec(LogSpec.DEFAULT, false);
}
