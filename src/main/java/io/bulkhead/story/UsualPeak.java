package io.bulkhead.story;

/**
 * What a program took at most in nearly every hour before the one that ended badly.
 *
 * @param bytes the peak that one hour in a hundred exceeds
 * @param hours how many hours that is known from
 * @param fitting the limit in bytes that `bulkhead memory` would recommend for it
 */
public record UsualPeak(long bytes, int hours, long fitting) {}
