package io.bulkhead.linux;

import java.util.List;

/**
 * Who a program runs as.
 *
 * @param uid user number
 * @param gid primary group number
 * @param groups supplementary group numbers, may be empty
 * @param name the user's name, for messages
 * @param home the user's home folder as the system knows it
 */
public record Identity(int uid, int gid, List<Integer> groups, String name, java.nio.file.Path home) {}
