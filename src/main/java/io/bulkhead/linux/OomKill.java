package io.bulkhead.linux;

import java.util.Optional;

/**
 * The kernel's record of a process it killed for want of memory (dump_oom_summary in mm/oom_kill.c, since 5.0):
 * {@code oom-kill:constraint=CONSTRAINT_MEMCG,...,oom_memcg=/a,task_memcg=/a/b,task=node,pid=123,uid=1000}.
 *
 * @param hostWide whether the whole host was short, not a group at its limit
 * @param limitGroup group whose limit was reached, empty text when {@code hostWide}
 * @param victimGroup group the victim was in
 * @param task the victim's name; of Node 24 it is "MainThread"
 * @param pid the victim
 */
public record OomKill(boolean hostWide, String limitGroup, String victimGroup, String task, int pid) {

    private static final String START = "oom-kill:constraint=";

    /** From a record of /dev/kmsg or a line of dmesg; empty when it is about something else. */
    static Optional<OomKill> parse(String record) {
        int at = record.indexOf(START);
        if (at < 0) {
            return Optional.empty();
        }
        int end = record.indexOf('\n', at);
        String line = record.substring(at, end < 0 ? record.length() : end);
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
        try {
            return Optional.of(new OomKill(
                    limitGroup.isEmpty(),
                    limitGroup,
                    line.substring(groupAt + 12, taskAt),
                    line.substring(taskAt + 6, pidAt),
                    Integer.parseInt(line.substring(pidAt + 5, uidAt))));
        } catch (NumberFormatException malformed) {
            return Optional.empty();
        }
    }
}
