package io.bulkhead.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * The one way into the C library. Every call has the shape {@code long call(long...)}: on the 64-bit Linux ABIs an integer or
 * pointer argument travels in a full register, so one descriptor per number of arguments serves all calls. Each
 * further shape would make classes of its own (measured: ten shapes cost six megabytes).
 */
final class Native {

    static final Linker LINKER = Linker.nativeLinker();

    private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CAPTURE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    /** Where the linker leaves errno. One per thread: the platform threads that call are few and live long. */
    private static final ThreadLocal<MemorySegment> CAPTURED =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CAPTURE));

    private Native() {}

    /** Binds {@code name} of the C library, taking {@code arguments} integers or pointers (0 to 6). */
    static Call bind(String name, int arguments) {
        MemoryLayout[] layouts = new MemoryLayout[arguments];
        Arrays.fill(layouts, JAVA_LONG);
        MethodHandle handle = LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(JAVA_LONG, layouts),
                Linker.Option.captureCallState("errno"));
        return new Call(name, handle);
    }

    /** The address of {@code segment} as an argument. The caller keeps the segment's arena open during the call. */
    static long address(MemorySegment segment) {
        return segment.address();
    }

    /** A C string in {@code arena}. */
    static MemorySegment string(Arena arena, String text) {
        return arena.allocateFrom(text);
    }

    /** A NULL-terminated vector of C strings, as execve(2) takes them. */
    static MemorySegment strings(Arena arena, java.util.List<String> texts) {
        MemorySegment vector = arena.allocate(ADDRESS, texts.size() + 1L);
        for (int i = 0; i < texts.size(); i++) {
            vector.setAtIndex(ADDRESS, i, string(arena, texts.get(i)));
        }
        vector.setAtIndex(ADDRESS, texts.size(), MemorySegment.NULL);
        return vector;
    }

    /** A bound function. A 32-bit result such as a descriptor arrives with undefined upper half: use {@link #call}. */
    record Call(String name, MethodHandle handle) {

        /** Calls and returns the result as a C {@code int}; a negative one throws with errno and {@code what}. */
        int call(String what, long... arguments) throws ErrnoException {
            int result = (int) raw(arguments);
            if (result < 0) {
                throw new ErrnoException(what, lastErrno());
            }
            return result;
        }

        /** Calls and returns the C {@code int} as it is; {@link Native#lastErrno} tells why it is negative. */
        int quiet(long... arguments) {
            return (int) raw(arguments);
        }

        /** Calls and returns the full 64-bit result, for functions that return {@code ssize_t} or a pointer. */
        long raw(long... a) {
            MemorySegment state = CAPTURED.get();
            try {
                return switch (a.length) {
                    case 0 -> (long) handle.invokeExact(state);
                    case 1 -> (long) handle.invokeExact(state, a[0]);
                    case 2 -> (long) handle.invokeExact(state, a[0], a[1]);
                    case 3 -> (long) handle.invokeExact(state, a[0], a[1], a[2]);
                    case 4 -> (long) handle.invokeExact(state, a[0], a[1], a[2], a[3]);
                    case 5 -> (long) handle.invokeExact(state, a[0], a[1], a[2], a[3], a[4]);
                    case 6 -> (long) handle.invokeExact(state, a[0], a[1], a[2], a[3], a[4], a[5]);
                    default -> throw new IllegalArgumentException(name + " takes " + a.length + " arguments");
                };
            } catch (Throwable impossible) {
                throw new AssertionError(name, impossible);
            }
        }
    }

    /** errno of this thread's last failed call. */
    static int lastErrno() {
        return (int) ERRNO.get(CAPTURED.get(), 0L);
    }
}
