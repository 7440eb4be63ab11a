package io.bulkhead.spec;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An ssh port forward as the user wrote it, defaults filled in.
 *
 * @param via whom ssh asks
 * @param key file of the private key, absolute; empty: the one that Bulkhead keeps for it
 * @param maxAge age at which it is closed, once no client is connected; empty: never
 * @param idle time without a client after which it is closed; empty: never
 * @param keepalive how long the server may say nothing until it is asked whether it lives; three times unanswered, the connection is given up
 */
public record TunnelSpec(
        Forward forward,
        Via via,
        Optional<Path> key,
        Optional<Duration> maxAge,
        Optional<Duration> idle,
        Duration keepalive) {

    /** Unanswered questions until ssh gives up ({@code ServerAliveCountMax}). */
    public static final int UNANSWERED = 3;

    /**
     * As {@code ssh -L} takes it: what connects to {@code bind:port} here reaches {@code host:hostPort} from the server.
     *
     * @param bind an address of this host, IPv6 without brackets
     * @param host as the server resolves it
     */
    public record Forward(String bind, int port, String host, int hostPort) {

        /** {@code 127.0.0.1:5433:localhost:5432}. */
        public String text() {
            return place() + ":" + target();
        }

        /** {@code 127.0.0.1:5433}. */
        public String place() {
            return bracketed(bind) + ":" + port;
        }

        /** {@code localhost:5432}. */
        public String target() {
            return bracketed(host) + ":" + hostPort;
        }

        /** Whether whoever reaches this host gets through, not only this host's own programs. */
        public boolean forEverybody() {
            return bind.equals("0.0.0.0") || bind.equals("::");
        }
    }

    /**
     * An ssh server.
     *
     * @param user empty for the daemon's own
     * @param host a name, or an address, IPv6 without brackets
     */
    public record Via(String user, String host, int port) {

        static final int SSH = 22;

        /** {@code user@db-server}, {@code user@[fd00::1]:2222}. */
        public String text() {
            return (user.isEmpty() ? "" : user + "@") + (port == SSH ? host : bracketed(host) + ":" + port);
        }

        /** As it stands in a known_hosts file: {@code db-server}, {@code [db-server]:2222} (sshd(8)). */
        public String knownAs() {
            return port == SSH ? host : "[" + host + "]:" + port;
        }
    }

    /**
     * The program and what it is told of this tunnel. Nothing of a person's configuration or agent is used, and a server gets no terminal and runs no
     * command. What depends on this host stands before {@code --}: see {@link #with}.
     */
    List<String> ssh() {
        List<String> argv = new ArrayList<>(List.of("ssh", "-N", "-T", "-F", "none"));
        option(argv, "BatchMode=yes");
        option(argv, "ExitOnForwardFailure=yes");
        option(argv, "ServerAliveInterval=" + Math.max(1, keepalive.toSeconds()));
        option(argv, "ServerAliveCountMax=" + UNANSWERED);
        option(argv, "ConnectTimeout=15");
        option(argv, "ConnectionAttempts=1");
        option(argv, "TCPKeepAlive=yes");
        option(argv, "StrictHostKeyChecking=yes");
        option(argv, "GlobalKnownHostsFile=none");
        option(argv, "UpdateHostKeys=no");
        option(argv, "CheckHostIP=no");
        option(argv, "IdentitiesOnly=yes");
        option(argv, "IdentityAgent=none");
        option(argv, "PreferredAuthentications=publickey");
        option(argv, "ControlMaster=no");
        option(argv, "ControlPath=none");
        option(argv, "ForwardAgent=no");
        option(argv, "ForwardX11=no");
        option(argv, "PermitLocalCommand=no");
        option(argv, "EscapeChar=none");
        option(argv, "LogLevel=INFO");
        if (!via.user.isEmpty()) {
            argv.add("-l");
            argv.add(via.user);
        }
        argv.add("-p");
        argv.add(Integer.toString(via.port));
        argv.add("-L");
        argv.add(forward.text());
        argv.add("--");
        argv.add(via.host);
        return List.copyOf(argv);
    }

    /** {@link #ssh} of an app that is a tunnel, with the files that this host keeps for it. */
    public static AppSpec.Command with(AppSpec.Command ssh, Path key, Path knownHosts) {
        List<String> argv = new ArrayList<>(ssh.argv());
        List<String> files = new ArrayList<>(List.of("-i", key.toString()));
        // In quotes, as ssh takes several files there; they may hold no quotes themselves (ssh_config(5)).
        option(files, "UserKnownHostsFile=\"" + knownHosts + "\"");
        argv.addAll(argv.indexOf("--"), files);
        return new AppSpec.Command(List.copyOf(argv), false);
    }

    private static void option(List<String> argv, String setting) {
        argv.add("-o");
        argv.add(setting);
    }

    private static String bracketed(String host) {
        return host.indexOf(':') < 0 ? host : "[" + host + "]";
    }
}
