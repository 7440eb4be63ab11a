package io.bulkhead.story;

import java.util.ArrayList;
import java.util.List;

/** {@code exited} and {@code signal}: the program or its runtime gave up, and mostly said why. */
final class EndedItself implements Rule {

    /** What a line says in small letters, and what it means. The more specific stands first. */
    private record Saying(String words, String advice) {}

    /** What drivers say of a database that has no connection left: PostgreSQL's 53300, MySQL's 1040. */
    private static final List<String> NO_CONNECTION = List.of(
            "53300",
            "too many clients already",
            "remaining connection slots are reserved",
            "too many connections for role",
            "er_con_count_error",
            "too many connections",
            "max number of clients reached");

    private static final String WHO_HOLDS =
            "a database has no connection left for it: bulkhead connections shows who holds them; make the pools smaller (all instances"
                    + " of all apps together, twice during a replacement), end what still holds some, or raise max_connections; with"
                    + " `connections` written, this is refused before the start";

    private static final List<Saying> SAYINGS = List.of(
            new Saying(
                    "err_worker_out_of_memory",
                    "a worker thread reached its own heap limit: raise its resourceLimits, or split its work"),
            new Saying(
                    "is not allowed in node_options",
                    "this version of node does not know a flag in NODE_OPTIONS: take it out, or use another node"),
            new Saying("bad option", "this version of node does not know a flag of its command line"),
            new Saying(
                    "javascript heap out of memory",
                    "V8's heap was full: see its last lines; `node: {heap: auto}` sets it from `memory`"),
            new Saying(
                    "unhandledpromiserejection",
                    "a rejected promise nobody handled ends node since version 15: its last lines name it"),
            new Saying(
                    "err_unhandled_rejection",
                    "a rejected promise nobody handled ends node since version 15: its last lines name it"),
            new Saying(
                    "spawn enomem",
                    "it could not start a process for want of memory: raise `memory`, or start fewer at once"),
            new Saying(
                    "cannot allocate memory",
                    "the system refused it memory or a process: see `memory` and `pids`, and free memory of the host"),
            new Saying(
                    "resource temporarily unavailable",
                    "it could not start a process or thread: raise `pids`, or look for processes it never waits for"),
            new Saying(
                    "spawn eagain",
                    "it could not start a process: raise `pids`, or look for processes it never waits for"),
            new Saying(
                    "exited on signal 9 (sigkill)",
                    "one of its workers was killed: with `oom_kill: process` a pool goes on when one is lost"),
            new Saying(
                    "allowed memory size of",
                    "PHP's own memory_limit was reached by a request: the program lives on; see the script it names"),
            new Saying(
                    "killed",
                    "\"Killed\" is what a shell says when a program below it was killed: see what that one used"));

    @Override
    public List<String> advice(Death death) {
        List<String> advice = new ArrayList<>();
        if (lacksConnections(death)) {
            advice.add(WHO_HOLDS);
        }
        for (Saying saying : SAYINGS) {
            boolean alone = saying.words().equals("killed");
            if (alone ? lastLineIs(death, "killed") : death.said(saying.words())) {
                advice.add(saying.advice());
                break;
            }
        }
        if (death.exit().code().orElse(0) == 13 && death.said("top-level await")) {
            advice.add("13 is node's code for an `await` at the top of a module that never settles");
        }
        if (!death.report().hint().isEmpty()) {
            advice.add(death.report().hint());
        }
        return advice;
    }

    static boolean lacksConnections(Death death) {
        return NO_CONNECTION.stream().anyMatch(death::said);
    }

    private static boolean lastLineIs(Death death, String word) {
        return !death.output().isEmpty() && death.output().getLast().strip().equalsIgnoreCase(word);
    }
}
