package io.bulkhead.spec;

import java.time.ZoneId;
import java.util.Map;

/**
 * What a configuration's meaning depends on besides its text.
 *
 * @param environment the daemon's own environment: for {@code ${VAR}} and for bare names in {@code environment}
 * @param memoryBytes RAM of this host or container, what {@code 25%} is a part of
 * @param cpus processors, what {@code instances: max} means
 * @param root whether the daemon can change users
 * @param zone the zone of schedules that name none
 */
public record Host(Map<String, String> environment, long memoryBytes, int cpus, boolean root, ZoneId zone) {}
