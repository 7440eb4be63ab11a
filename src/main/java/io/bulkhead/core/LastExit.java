package io.bulkhead.core;

/** How the latest run of an instance ended. */
public record LastExit(String run, long wallMillis, ExitReport report) {}
