package io.bulkhead.e2e;

import static io.bulkhead.e2e.Sandbox.alive;
import static io.bulkhead.e2e.Sandbox.eventually;
import static io.bulkhead.e2e.Sandbox.kill;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Programs that say READY=1 once, and daemons that come and go. */
class NotifyIT {

    /** Says it at once or when asked with SIGUSR1, and each time it is asked. */
    private static final String PROGRAM = """
            #!/usr/bin/perl
            use Socket;
            socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die;
            sub ready { send($s, "READY=1", 0, sockaddr_un($ENV{NOTIFY_SOCKET})) }
            $SIG{USR1} = \\&ready;
            ready() unless $ENV{LATE};
            sleep 1000 while 1;
            """;

    private static long daemonPid(Sandbox sandbox) throws Exception {
        Map<?, ?> daemon =
                (Map<?, ?>) sandbox.run("status", "--json").ok().json().get("daemon");
        return ((Number) daemon.get("pid")).longValue();
    }

    private static Object state(Sandbox sandbox, String app) throws Exception {
        return sandbox.instance(app, 0).get("state");
    }

    @Test
    void whatWasSaidOnceHoldsUnderTheNextDaemonToo() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.script("program", PROGRAM);
            Path file = sandbox.write("bulkhead.yaml", """
                    apps:
                      said: {command: ./program, ready: notify}
                      late: {command: ./program, ready: notify, environment: {LATE: "1"}}
                    """);
            sandbox.begin(sandbox.home.resolve("d.out"), "daemon", "--config", file.toString());
            eventually(
                    "one has said it",
                    () -> sandbox.run("status").exit() == 0
                            && "ready".equals(state(sandbox, "said"))
                            && "starting".equals(state(sandbox, "late")));
            long said = sandbox.pid("said");
            long daemon = daemonPid(sandbox);
            kill(daemon, "KILL");
            eventually("it is dead", () -> !alive(daemon));
            sandbox.begin(sandbox.home.resolve("d2.out"), "daemon", "--config", file.toString());
            eventually(
                    "the next one knows it",
                    () -> sandbox.run("status").exit() == 0 && "ready".equals(state(sandbox, "said")));
            assertThat(sandbox.pid("said")).isEqualTo(said);
            assertThat(state(sandbox, "late")).isEqualTo("starting");

            // And it is heard again.
            kill(sandbox.pid("late"), "USR1");
            eventually("the other has said it", () -> "ready".equals(state(sandbox, "late")));
        }
    }
}
