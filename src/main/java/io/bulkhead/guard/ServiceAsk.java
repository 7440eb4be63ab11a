package io.bulkhead.guard;

import io.bulkhead.spec.ServiceUrl;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks one database, and makes a sentence of whatever goes wrong. Not in the daemon: the drivers are large, and a driver that hangs must end with its
 * process.
 */
final class ServiceAsk {

    /** For connecting, and for each answer. */
    private static final int STEP_MILLIS = 2_000;

    /** For all of it. */
    static final int PATIENCE_MILLIS = 2_800;

    private ServiceAsk() {}

    /** Has its answer within three seconds. */
    static ServerView ask(String service, ServiceUrl url) throws InterruptedException {
        FutureTask<ServerView> asking = new FutureTask<>(() -> answer(service, url));
        Thread thread = new Thread(asking, "ask-" + service);
        thread.setDaemon(true);
        thread.start();
        try {
            return asking.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException hangs) {
            return silent(service, url);
        } catch (ExecutionException bug) {
            return ServerView.trouble(
                    service, "failed", service + " cannot be asked: " + Sentence.of(String.valueOf(bug.getCause())));
        }
    }

    private static ServerView answer(String service, ServiceUrl url) {
        try {
            return switch (url.kind()) {
                case POSTGRES -> PostgresAsk.ask(service, url, STEP_MILLIS);
                case MYSQL -> MysqlAsk.ask(service, url, STEP_MILLIS);
                case REDIS -> RedisAsk.ask(service, url, STEP_MILLIS);
            };
        } catch (SQLException refused) {
            return SqlRefusal.of(service, url, refused);
        } catch (IOException failed) {
            return trouble(service, url, failed);
        }
    }

    static ServerView trouble(String service, ServiceUrl url, Throwable failed) {
        String place = place(url);
        return switch (failed) {
            case GarbageException garbage ->
                ServerView.trouble(
                        service,
                        "garbage",
                        "what listens on " + place + " does not speak "
                                + url.kind().title() + ": it answered " + garbage.getMessage());
            case SocketTimeoutException timeout
            when String.valueOf(timeout.getMessage())
                    .toLowerCase(java.util.Locale.ROOT)
                    .contains("connect") ->
                ServerView.trouble(service, "unreachable", place + " cannot be reached: no answer to a connection");
            case SocketTimeoutException timeout -> silent(service, url);
            case ConnectException refused -> ServerView.trouble(service, "refused", "nobody listens on " + place);
            case UnknownHostException unknown ->
                ServerView.trouble(service, "unreachable", url.host() + ": no such host");
            default ->
                ServerView.trouble(
                        service, "failed", service + " cannot be asked: " + Sentence.of(failed.getMessage()));
        };
    }

    static ServerView silent(String service, ServiceUrl url) {
        return ServerView.trouble(
                service,
                "silent",
                place(url) + " accepts connections and does not answer as a "
                        + url.kind().title() + " would: it hangs, or it is something else (a tunnel to a dead host?)");
    }

    static String place(ServiceUrl url) {
        return (url.host().indexOf(':') < 0 ? url.host() : "[" + url.host() + "]") + ":" + url.port();
    }
}
