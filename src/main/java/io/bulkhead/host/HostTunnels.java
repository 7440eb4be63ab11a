package io.bulkhead.host;

import io.bulkhead.api.ApiException;
import io.bulkhead.api.Control.Peer;
import io.bulkhead.api.Tunnels;
import io.bulkhead.core.AppView;
import io.bulkhead.core.Event;
import io.bulkhead.core.Origin;
import io.bulkhead.core.Outcome;
import io.bulkhead.core.Target;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.TunnelApp;
import io.bulkhead.spec.TunnelSpec;
import io.bulkhead.spec.TunnelSpec.Via;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Answers what the daemon is asked about tunnels. */
final class HostTunnels implements Tunnels {

    private final Loop loop;
    private final Supervision supervision;
    private final Runs runs;
    private final Applying applying;
    private final Chronicle chronicle;
    private final TunnelFiles files;
    private final TunnelTerminals terminals;
    private final TunnelLeases leases;

    HostTunnels(
            Loop loop,
            Supervision supervision,
            Runs runs,
            Applying applying,
            Chronicle chronicle,
            TunnelFiles files,
            TunnelTerminals terminals,
            TunnelLeases leases) {
        this.loop = loop;
        this.supervision = supervision;
        this.runs = runs;
        this.applying = applying;
        this.chronicle = chronicle;
        this.files = files;
        this.terminals = terminals;
        this.leases = leases;
    }

    @Override
    public List<Map<String, @Nullable Object>> list() throws ApiException {
        TunnelsDocument document =
                onLoop(() -> new TunnelsDocument(supervision.supervisor().apps(), runs, files, leases));
        return document.rows();
    }

    @Override
    public void open(Map<String, @Nullable Object> options, Peer peer, OutputStream out)
            throws IOException, ApiException {
        AppSpec app = asked(options);
        String name = app.name();
        CompletableFuture<String> ended = new CompletableFuture<>();
        boolean again = Boolean.TRUE.equals(options.get("again"));
        Optional<CompletableFuture<Outcome>> begun = onLoop(() -> begin(app, again, peer, ended));
        String why = "the command that opened it has ended";
        try {
            Outcome outcome = await(begun.orElseThrow(() -> taken(name)));
            if (outcome.state() == Outcome.State.FAILED) {
                why = "it did not come up";
                throw new ApiException(outcome.exitCode(), "failed", outcome.message(), outcome.hint());
            }
            AppView view = onLoop(() -> supervision.supervisor().app(name).orElseThrow(() -> taken(name)));
            TunnelLines.write(out, TunnelLines.up(view));
            // Returns when the lease is over or somebody closes it; interrupted when the client has left.
            Map<String, @Nullable Object> last = new LinkedHashMap<>();
            last.put("ended", await(ended));
            TunnelLines.write(out, last);
        } finally {
            if (begun.isPresent()) {
                String reason = why;
                loop.post(() -> terminals.left(name, ended, reason));
            }
        }
    }

    /** On the loop. Empty where something else has this name. */
    private Optional<CompletableFuture<Outcome>> begin(
            AppSpec app, boolean again, Peer peer, CompletableFuture<String> ended) {
        Optional<AppView> known = supervision.supervisor().app(app.name());
        if (known.isPresent()) {
            boolean same = again
                    && known.get().origin() == Origin.TERMINAL
                    && known.get().spec().tunnel().equals(app.tunnel())
                    && terminals.attach(app.name(), ended);
            return same
                    ? Optional.of(supervision.wish(
                            new Event.StartWish(new Target(Optional.of(app.name()), OptionalInt.empty())), true))
                    : Optional.empty();
        }
        terminals.attach(app.name(), ended);
        TunnelSpec tunnel = app.tunnel().orElseThrow();
        chronicle.tellTunnel(
                "tunnel.opened",
                app.name(),
                "opened by " + peer.user() + ": " + tunnel.forward().text() + " via "
                        + tunnel.via().text() + ", for as long as that command runs");
        return Optional.of(supervision.wish(
                new Event.ApplyWish(
                        applying.inForce().with(Map.of(app.name(), app)), Origin.TERMINAL, Optional.of(app.name())),
                true));
    }

    private static ApiException taken(String name) {
        return new ApiException(
                1,
                "name-taken",
                "there is a tunnel or app " + name + " already",
                "bulkhead tunnel list; or --name OTHER");
    }

    private AppSpec asked(Map<String, @Nullable Object> options) throws ApiException {
        Map<String, Object> keys = new LinkedHashMap<>();
        for (String key : List.of("forward", "via", "key", "idle")) {
            if (options.get(key) instanceof String text) {
                keys.put(key, text);
            }
        }
        if (options.get("for") instanceof String time) {
            keys.put("max_age", time);
        }
        String name = options.get("name") instanceof String text ? text : "";
        try {
            // Its name may depend on what it forwards, which must be read first.
            AppSpec unnamed = TunnelApp.of(
                    name.isEmpty() ? "open" : name,
                    keys,
                    applying.inForce().server().log());
            int port = unnamed.tunnel().orElseThrow().forward().port();
            return name.isEmpty()
                    ? TunnelApp.of(
                            "open-" + port, keys, applying.inForce().server().log())
                    : unnamed;
        } catch (IllegalArgumentException wrong) {
            throw new ApiException(2, "bad-tunnel", wrong.getMessage() + "", "bulkhead tunnel --help");
        }
    }

    @Override
    public Map<String, @Nullable Object> close(String name, Peer peer) throws ApiException {
        CompletableFuture<Outcome> outcome = onLoop(() -> {
            AppView view = declared(name);
            Target target = new Target(Optional.of(name), OptionalInt.empty());
            chronicle.commanded("tunnel close", target, peer);
            boolean opened = view.origin() == Origin.TERMINAL;
            if (opened) {
                terminals.closed(name, "closed by " + peer.user());
            }
            return supervision.wish(opened ? new Event.DeleteWish(target) : new Event.StopWish(target), true);
        });
        try {
            return Verbs.answer(await(outcome));
        } catch (IOException left) {
            throw new ApiException(1, "interrupted", "whoever asked has left", "");
        }
    }

    /** On the loop. */
    private AppView declared(String name) throws ApiException {
        Optional<AppView> view = supervision.supervisor().app(name);
        if (view.isEmpty() || view.get().spec().tunnel().isEmpty()) {
            throw new ApiException(
                    4,
                    "no-such-tunnel",
                    view.isEmpty() ? "no tunnel " + name : name + " is an app, not a tunnel",
                    view.isEmpty() ? "bulkhead tunnel list" : "bulkhead stop " + name);
        }
        return view.get();
    }

    @Override
    public Map<String, @Nullable Object> key(Map<String, @Nullable Object> options) throws ApiException {
        AppSpec app = named(options);
        TunnelSpec tunnel = app.tunnel().orElseThrow();
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        try {
            TunnelFiles.Key key = files.makeKey(app.name(), tunnel);
            answer.put("file", key.file().toString());
            answer.put("made", key.made());
            answer.put("public", key.words());
            answer.put("line", key.authorized(tunnel));
            answer.put("via", tunnel.via().text());
        } catch (IOException failed) {
            throw new ApiException(1, "no-key", failed.getMessage() + "", "");
        }
        return answer;
    }

    private AppSpec named(Map<String, @Nullable Object> options) throws ApiException {
        return options.get("forward") instanceof String
                ? asked(options)
                : onLoop(() -> declared(String.valueOf(options.get("name"))).spec());
    }

    @Override
    public Map<String, @Nullable Object> hostKey(Map<String, @Nullable Object> options) throws ApiException {
        Via via = via(options);
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("via", via.text());
        boolean known = files.knows(via);
        answer.put("known", known);
        if (!known || Boolean.TRUE.equals(options.get("again"))) {
            HostKey key = HostKey.ask(via)
                    .orElseThrow(() -> new ApiException(
                            1,
                            "no-host-key",
                            via.host() + " port " + via.port()
                                    + " shows no ssh host key: it cannot be reached, or is no" + " ssh server",
                            "ssh-keyscan -p " + via.port() + " " + via.host() + " says more"));
            answer.put("type", key.type());
            answer.put("fingerprint", key.fingerprint());
            answer.put("key", key.blob());
        }
        return answer;
    }

    private Via via(Map<String, @Nullable Object> options) throws ApiException {
        if (options.get("via") instanceof String text) {
            Map<String, @Nullable Object> any = new LinkedHashMap<>();
            any.put("forward", "1:localhost:1");
            any.put("via", text);
            return asked(any).tunnel().orElseThrow().via();
        }
        return named(options).tunnel().orElseThrow().via();
    }

    @Override
    public Map<String, @Nullable Object> trust(Map<String, @Nullable Object> options, Peer peer) throws ApiException {
        Via via = via(options);
        HostKey key = new HostKey(String.valueOf(options.get("type")), String.valueOf(options.get("key")));
        if (!key.type().matches("[a-z0-9@.-]{3,64}") || !key.blob().matches("[A-Za-z0-9+/=]{16,8192}")) {
            throw new ApiException(2, "bad-key", "this is no host key", "bulkhead tunnel trust " + via.text());
        }
        try {
            files.trust(via, key);
        } catch (IOException failed) {
            throw new ApiException(1, "not-saved", files.knownHosts() + ": " + failed.getMessage(), "");
        }
        String fingerprint = key.fingerprint();
        loop.post(() -> {
            chronicle.tellTunnel(
                    "tunnel.trusted",
                    "",
                    peer.user() + " trusts the host key of " + via.text() + ": " + key.type() + " " + fingerprint);
            terminals.retry(via);
        });
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("via", via.text());
        answer.put("fingerprint", fingerprint);
        answer.put("file", files.knownHosts().toString());
        return answer;
    }

    private interface Question<T> {
        T ask() throws ApiException;
    }

    private <T> T onLoop(Question<T> question) throws ApiException {
        CompletableFuture<T> future = new CompletableFuture<>();
        loop.post(() -> {
            try {
                future.complete(question.ask());
            } catch (ApiException | RuntimeException failed) {
                future.completeExceptionally(failed);
            }
        });
        try {
            return await(future);
        } catch (IOException left) {
            throw new ApiException(1, "interrupted", "whoever asked has left", "");
        }
    }

    private static <T> T await(CompletableFuture<T> future) throws IOException, ApiException {
        try {
            return future.get();
        } catch (InterruptedException left) {
            throw new IOException("the client went away", left);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof ApiException refused) {
                throw refused;
            }
            throw new IllegalStateException(failed.getCause());
        }
    }
}
