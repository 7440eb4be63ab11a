package io.bulkhead.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** System users and groups as the C library knows them: /etc/passwd, and LDAP and the like where the host has them. */
public final class Users {

    /**
     * A user.
     *
     * @param gid the primary group
     * @param home the home folder, which need not exist
     */
    public record User(String name, int uid, int gid, Path home) {}

    private static final Native.Call GETPWNAM_R = Native.bind("getpwnam_r", 5);
    private static final Native.Call GETPWUID_R = Native.bind("getpwuid_r", 5);
    private static final Native.Call GETGRNAM_R = Native.bind("getgrnam_r", 5);
    private static final Native.Call GETGRGID_R = Native.bind("getgrgid_r", 5);
    private static final Native.Call GETGROUPLIST = Native.bind("getgrouplist", 4);
    private static final Native.Call GETEUID = Native.bind("geteuid", 0);
    private static final Native.Call GETEGID = Native.bind("getegid", 0);

    /** struct passwd and struct group on the 64-bit Linux ABIs, glibc and musl alike. */
    private static final long PW_UID = 16;

    private static final long PW_GID = 20;
    private static final long PW_DIR = 32;
    private static final long GR_GID = 16;
    private static final long STRUCT_SIZE = 64;

    private static final int ERANGE = 34;
    private static final int LARGEST_ENTRY = 1 << 20;
    private static final int MOST_GROUPS = 65_536;
    private static final int LONGEST_TEXT = 4096;

    private Users() {}

    /** The user called {@code name}, or with that number where {@code name} is one and no user is called so. */
    public static Optional<User> user(String name) throws ErrnoException {
        Optional<User> byName = lookUpUser(name, GETPWNAM_R, Optional.empty());
        OptionalInt number = byName.isEmpty() ? number(name) : OptionalInt.empty();
        return number.isPresent() ? user(number.getAsInt()) : byName;
    }

    public static Optional<User> user(int uid) throws ErrnoException {
        return lookUpUser("number " + uid, GETPWUID_R, Optional.of(uid));
    }

    /** Number of the group called {@code name}, or {@code name} itself where it is the number of one. */
    public static OptionalInt group(String name) throws ErrnoException {
        OptionalInt byName = lookUpGroup(name, GETGRNAM_R, OptionalInt.empty());
        OptionalInt number = byName.isEmpty() ? number(name) : OptionalInt.empty();
        return number.isPresent() ? lookUpGroup(name, GETGRGID_R, number) : byName;
    }

    /**
     * Who a program with these settings runs as: empty for the daemon's own user. Supplementary groups are those of the user.
     *
     * @throws RefusedException in words for the user of this program: no such user, no such group, needs root
     */
    public static Optional<Identity> identity(Optional<String> userName, Optional<String> groupName)
            throws RefusedException, ErrnoException {
        if (userName.isEmpty() && groupName.isEmpty()) {
            return Optional.empty();
        }
        int ownUid = effectiveUser();
        User user;
        if (userName.isPresent()) {
            user = user(userName.get())
                    .orElseThrow(() -> new RefusedException(
                            "user",
                            "user " + userName.get() + " does not exist",
                            "create it: useradd --system " + userName.get()));
        } else {
            user = user(ownUid).orElse(new User("number " + ownUid, ownUid, effectiveGroup(), Path.of("/")));
        }
        int gid = user.gid();
        if (groupName.isPresent()) {
            gid = group(groupName.get())
                    .orElseThrow(() -> new RefusedException(
                            "group",
                            "group " + groupName.get() + " does not exist",
                            "create it: groupadd --system " + groupName.get()));
        }
        if (ownUid != 0) {
            if (user.uid() == ownUid && gid == effectiveGroup()) {
                return Optional.empty();
            }
            String what = userName.isPresent() ? "user " + user.name() : "group " + groupName.orElse("");
            throw new RefusedException(
                    userName.isPresent() ? "user" : "group",
                    what + ": only root can start programs as somebody else",
                    "remove the line, or run the daemon as root");
        }
        return Optional.of(new Identity(user.uid(), gid, groups(user.name(), gid), user.name(), user.home()));
    }

    /** Numbers of all groups of a user, {@code gid} among them. */
    public static List<Integer> groups(String user, int gid) {
        for (int room = 64; room <= MOST_GROUPS; room *= 8) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment list = arena.allocate(ValueLayout.JAVA_INT, room);
                MemorySegment count = arena.allocateFrom(ValueLayout.JAVA_INT, room);
                int found =
                        GETGROUPLIST.quiet(Native.string(arena, user).address(), gid, list.address(), count.address());
                if (found >= 0) {
                    List<Integer> groups = new ArrayList<>();
                    for (int i = 0; i < count.get(ValueLayout.JAVA_INT, 0); i++) {
                        groups.add(list.getAtIndex(ValueLayout.JAVA_INT, i));
                    }
                    return groups;
                }
            }
        }
        return List.of(gid);
    }

    /** This process's own user number. */
    public static int effectiveUser() {
        return GETEUID.quiet();
    }

    /** This process's own group number. */
    public static int effectiveGroup() {
        return GETEGID.quiet();
    }

    private static Optional<User> lookUpUser(String name, Native.Call call, Optional<Integer> number)
            throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment entry = arena.allocate(STRUCT_SIZE, 8);
            long key = number.isPresent()
                    ? number.get()
                    : Native.string(arena, name).address();
            if (!lookUp("user " + name, arena, call, key, entry)) {
                return Optional.empty();
            }
            return Optional.of(new User(
                    text(entry, 0),
                    entry.get(ValueLayout.JAVA_INT, PW_UID),
                    entry.get(ValueLayout.JAVA_INT, PW_GID),
                    Path.of(text(entry, PW_DIR))));
        }
    }

    private static OptionalInt lookUpGroup(String name, Native.Call call, OptionalInt number) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment entry = arena.allocate(STRUCT_SIZE, 8);
            long key = number.isPresent()
                    ? number.getAsInt()
                    : Native.string(arena, name).address();
            return lookUp("group " + name, arena, call, key, entry)
                    ? OptionalInt.of(entry.get(ValueLayout.JAVA_INT, GR_GID))
                    : OptionalInt.empty();
        }
    }

    /** The getXXnam_r family: returns the error number, and asks for more room with ERANGE. */
    private static boolean lookUp(String what, Arena arena, Native.Call call, long key, MemorySegment entry)
            throws ErrnoException {
        MemorySegment result = arena.allocate(ValueLayout.JAVA_LONG);
        for (int room = 4096; room <= LARGEST_ENTRY; room *= 4) {
            MemorySegment buffer = arena.allocate(room);
            int error = call.quiet(key, entry.address(), buffer.address(), room, result.address());
            switch (error) {
                case 0, Errno.ENOENT, Errno.ESRCH -> {
                    return result.get(ValueLayout.JAVA_LONG, 0) != 0;
                }
                case ERANGE, Errno.EINTR -> {}
                default -> throw new ErrnoException("look up " + what, error);
            }
        }
        throw new ErrnoException("look up " + what, ERANGE);
    }

    private static String text(MemorySegment entry, long offset) {
        MemorySegment pointer = MemorySegment.ofAddress(entry.get(ValueLayout.JAVA_LONG, offset));
        return pointer.address() == 0 ? "/" : pointer.reinterpret(LONGEST_TEXT).getString(0);
    }

    private static OptionalInt number(String text) {
        try {
            int number = Integer.parseInt(text);
            return number >= 0 ? OptionalInt.of(number) : OptionalInt.empty();
        } catch (NumberFormatException notANumber) {
            return OptionalInt.empty();
        }
    }
}
