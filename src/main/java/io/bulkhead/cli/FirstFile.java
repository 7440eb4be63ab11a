package io.bulkhead.cli;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** {@code init}: a first bulkhead.yaml that runs as it is and explains itself. */
final class FirstFile {

    static final String TEXT = """
            # What Bulkhead runs here. Check it with `bulkhead check`, run it with `bulkhead up`.
            # Sizes: 512M, 1.5G, or 25% of RAM. Times: 500ms, 10s, 5m, 1h30m.

            apps:
              # The name is yours: letters, digits, dot, dash, underscore.
              web:
                # A string is split as a shell would, but no shell runs: {shell: "..."} asks for one.
                command: {shell: "while :; do echo tick; sleep 5; done"}

                # Hard limit of the whole process tree of one instance, enforced by the kernel where it can.
                memory: 128M

                # Where it runs, and as whom (needs root). Relative to this file.
                # working_dir: /srv/web/current
                # user: web

                # A server: Bulkhead opens the port and keeps it through reloads and crashes; Node programs need no change.
                # listen: 3000
                # healthcheck: {http: /health}

                # environment: {NODE_ENV: production}
                # env_file: [.env]

                # Two copies; each gets BULKHEAD_INSTANCE=0 or 1.
                # instances: 2

                # always (default) | on-failure | never
                # restart: always

                # Asked with SIGTERM first; killed after this.
                # stop_grace_period: 30s

              # A job at fixed times: it ends, and is started again when its time comes.
              # backup:
              #   command: /usr/local/bin/backup
              #   restart: never
              #   schedule: {start: "15 3 * * *"}
            """;

    private FirstFile() {}

    static int write(Session session) throws IOException, Failure {
        String named = session.parsed().value("file", "bulkhead.yaml");
        Path file = session.caller().directory().resolve(named).normalize();
        try {
            Files.writeString(file, TEXT, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (FileAlreadyExistsException e) {
            throw Failure.of(1, "exists", file + " is there already", "bulkhead init -f OTHER.yaml writes elsewhere");
        }
        session.out()
                .line("wrote " + file)
                .line("next: bulkhead check, then bulkhead up")
                .flush();
        return 0;
    }
}
