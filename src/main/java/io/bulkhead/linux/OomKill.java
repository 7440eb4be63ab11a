package io.bulkhead.linux;

import java.util.Optional;

/**
 * The kernel's record of a process it killed for want of memory, from two lines of its log. The first names the groups (dump_oom_summary in
 * mm/oom_kill.c, since 5.0), and is left out where there are more than ten within five seconds:
 * {@code oom-kill:constraint=CONSTRAINT_MEMCG,...,oom_memcg=/a,task_memcg=/a/b,task=node,pid=123,uid=1000}. The second, which always comes, says how
 * large the victim was: {@code Memory cgroup out of memory: Killed process 123 (node) total-vm:..., anon-rss:90000kB, ...}.
 *
 * @param hostWide whether the whole host was short, not a group at its limit
 * @param limitGroup group whose limit was reached; empty text when {@code hostWide} and where the first line is missing
 * @param victimGroup group the victim was in; empty text where the first line is missing
 * @param task the victim's name, at most 15 bytes; of Node 24 it is "MainThread"
 * @param pid the victim, as the host's first pid namespace numbers it
 * @param residentBytes what the victim held, anonymous and shared memory; 0 when the second line is missing
 * @param line the line that says most, without the record's header
 */
public record OomKill(
        boolean hostWide,
        String limitGroup,
        String victimGroup,
        String task,
        int pid,
        long residentBytes,
        String line) {

    private static final String SUMMARY = "oom-kill:constraint=";
    private static final String KILLED = "ut of memory: Killed process ";
    private static final String GROUP_KILLED = "Memory cgroup o";

    /** From a record of /dev/kmsg or a line of dmesg; empty when it is about something else. */
    static Optional<OomKill> parse(String record) {
        int summary = record.indexOf(SUMMARY);
        int killed = record.indexOf(KILLED);
        try {
            if (summary >= 0) {
                return summary(line(record, summary));
            }
            return killed >= 0 ? killed(record, killed) : Optional.empty();
        } catch (NumberFormatException malformed) {
            return Optional.empty();
        }
    }

    /** Whether both are about one kill. */
    boolean isAlso(OomKill other) {
        return pid == other.pid && task.equals(other.task) && hostWide == other.hostWide;
    }

    /** What both lines say. */
    OomKill with(OomKill second) {
        return victimGroup.isEmpty()
                ? second.with(this)
                : new OomKill(
                        hostWide,
                        limitGroup,
                        victimGroup,
                        task,
                        pid,
                        Math.max(residentBytes, second.residentBytes),
                        line);
    }

    private static Optional<OomKill> summary(String line) {
        // The task's name is free text and may hold commas, the groups' names likewise: read from known words.
        int pidAt = line.lastIndexOf(",pid=");
        int uidAt = line.lastIndexOf(",uid=");
        int taskAt = line.lastIndexOf(",task=", pidAt);
        int groupAt = line.indexOf(",task_memcg=");
        if (pidAt < 0 || uidAt < pidAt || taskAt < 0 || groupAt < 0 || groupAt > taskAt) {
            return Optional.empty();
        }
        int limitAt = line.indexOf(",oom_memcg=");
        String limitGroup = limitAt < 0 || limitAt > groupAt ? "" : line.substring(limitAt + 11, groupAt);
        return Optional.of(new OomKill(
                limitGroup.isEmpty(),
                limitGroup,
                line.substring(groupAt + 12, taskAt),
                line.substring(taskAt + 6, pidAt),
                Integer.parseInt(line.substring(pidAt + 5, uidAt)),
                0,
                line));
    }

    private static Optional<OomKill> killed(String record, int at) {
        int start = record.startsWith(GROUP_KILLED, at - GROUP_KILLED.length()) ? at - GROUP_KILLED.length() : at - 1;
        if (start < 0) {
            return Optional.empty();
        }
        String line = line(record, start);
        int pidAt = at - start + KILLED.length();
        int nameAt = line.indexOf(" (", pidAt);
        int nameEnd = line.indexOf(") total-vm:", pidAt);
        if (nameAt < 0 || nameEnd < nameAt) {
            return Optional.empty();
        }
        return Optional.of(new OomKill(
                start == at - 1,
                "",
                "",
                line.substring(nameAt + 2, nameEnd),
                Integer.parseInt(line.substring(pidAt, nameAt)),
                kilobytes(line, "anon-rss:", nameEnd) + kilobytes(line, "shmem-rss:", nameEnd),
                line));
    }

    private static long kilobytes(String line, String word, int from) {
        int at = line.indexOf(word, from);
        int end = at < 0 ? -1 : line.indexOf("kB", at);
        return end < 0 ? 0 : Long.parseLong(line.substring(at + word.length(), end)) << 10;
    }

    private static String line(String record, int from) {
        int end = record.indexOf('\n', from);
        return record.substring(from, end < 0 ? record.length() : end);
    }
}
