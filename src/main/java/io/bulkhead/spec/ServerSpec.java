package io.bulkhead.spec;

/**
 * @param log default rotation for every app
 * @param inheritEnvironment whether apps see the daemon's own environment; false gives them a clean one
 * @param reserve bytes of RAM that all apps together can never take
 * @param refuseOverBudget whether limits that add up to more than RAM without the reserve are an error, instead of a warning
 */
public record ServerSpec(LogSpec log, boolean inheritEnvironment, long reserve, boolean refuseOverBudget) {

    /** What holds where nothing is written, on a host with {@code ramBytes} of RAM. */
    public static ServerSpec standard(long ramBytes) {
        return new ServerSpec(LogSpec.DEFAULT, false, ramBytes * 15 / 100, false);
    }
}
