package io.bulkhead.core;

/**
 * Why a program could not be started.
 *
 * @param step what failed: user, group, working_dir, command, env_file, required_environment, compartment, keeper, log
 * @param message in full, such as "working_dir /srv/x: permission denied for user api"
 * @param hint what to do about it, empty when there is nothing to say
 */
public record Refusal(String step, String message, String hint) {}
