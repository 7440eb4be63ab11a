package io.bulkhead.linux;

/**
 * What a compartment uses, in bytes.
 *
 * @param current what cannot be dropped: anonymous and shared memory (and on v2 kernel memory), page cache not
 * @param total everything charged, page cache too; equals {@code current} where the kernel does not count
 * @param peak highest {@code total} of this run as the kernel saw it, or since the compartment was made where the kernel
 *     cannot start again; highest sample where it does not count
 * @param limit the limit in force, 0 without one
 * @param oomKills processes of it that the kernel killed for want of memory, since it was made; only changes mean something
 * @param limitHits how often its own limit was reached: where {@code oomKills} grew since {@link Cgroup#begin} and this did not, the whole
 *     host was short. On v1 page cache reaches the limit too, without harm
 * @param processes members, the keeper among them
 */
public record Usage(long current, long total, long peak, long limit, long oomKills, long limitHits, int processes) {}
