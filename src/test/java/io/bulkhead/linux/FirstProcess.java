package io.bulkhead.linux;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Process 1 of a pid namespace of its own, for {@link OrphansTest}: prints what became of an orphan and of its own child. */
final class FirstProcess {

    private FirstProcess() {}

    public static void main(String[] arguments) throws Exception {
        System.out.println("first " + Orphans.areOurs());
        int own = new Spawn(
                        Path.of("/bin/sh"),
                        List.of("sh", "-c", "(exec sleep 0.2) & (exec sleep 0.1) & exit 3"),
                        Map.of("PATH", "/usr/bin:/bin"))
                .start();
        int buried = 0;
        try (Pidfd process = Pidfd.open(own)) {
            while (buried < 2) {
                Poll.await(process.fd(), 10);
                buried += Orphans.reap(pid -> pid == own);
            }
            System.out.println("buried " + buried);
            System.out.println("own " + process.reap().orElseThrow().code().orElse(-1));
        }
    }
}
