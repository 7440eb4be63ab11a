package io.bulkhead.guard;

import io.bulkhead.spec.ServiceUrl;
import java.sql.SQLException;

/** What a database's refusal means, by its code and not by its words, which may be in any language. */
final class SqlRefusal {

    private static final int MYSQL_TOO_MANY = 1040;
    private static final int MYSQL_ACCESS_DENIED = 1045;
    private static final int MYSQL_NO_SUCH_DATABASE = 1049;
    private static final int MYSQL_HOST_BLOCKED = 1129;
    private static final int MYSQL_HOST_NOT_ALLOWED = 1130;
    private static final int MYSQL_SECURE_TRANSPORT = 3159;

    private SqlRefusal() {}

    static ServerView of(String service, ServiceUrl url, SQLException refused) {
        String said = Sentence.of(refused.getMessage());
        String user = url.user().isEmpty() ? "the user of url" : "user " + Sentence.of(url.user());
        String state = refused.getSQLState() == null ? "" : refused.getSQLState();
        if (url.kind() == ServiceUrl.Kind.MYSQL) {
            switch (refused.getErrorCode()) {
                case MYSQL_TOO_MANY -> {
                    return full(service, said, "the right CONNECTION ADMIN (SUPER)");
                }
                case MYSQL_ACCESS_DENIED -> {
                    return password(service, user, said);
                }
                case MYSQL_NO_SUCH_DATABASE -> {
                    return database(service, url, said);
                }
                case MYSQL_SECURE_TRANSPORT -> {
                    return tls(service, "ssl-mode=REQUIRED", said);
                }
                case MYSQL_HOST_BLOCKED, MYSQL_HOST_NOT_ALLOWED -> {
                    return ServerView.trouble(service, "password", service + " lets nobody in from this host: " + said);
                }
                default -> {}
            }
        }
        return switch (state) {
            case "53300" -> full(service, said, "a superuser or, from PostgreSQL 16 on, pg_use_reserved_connections");
            case "28P01" -> password(service, user, said);
            case "28000" ->
                said.contains("encryption") ? tls(service, "sslmode=require", said) : password(service, user, said);
            case "3D000" -> database(service, url, said);
            case "57P03" ->
                ServerView.trouble(service, "starting", service + " is starting up or shutting down: " + said);
            default -> byCause(service, url, refused, said);
        };
    }

    /** A driver wraps what happened on the way; the cause tells more than its words. */
    private static ServerView byCause(String service, ServiceUrl url, SQLException refused, String said) {
        for (Throwable cause = refused.getCause(); cause != null; cause = cause.getCause()) {
            // Where TLS is only preferred, no certificate is looked at: then it is no TLS at all that is spoken there.
            if (cause instanceof javax.net.ssl.SSLException && !url.tls().isEmpty()) {
                return tls(service, "sslmode=require or verify-full with a certificate that Java trusts", said);
            }
            if (cause instanceof java.net.ConnectException
                    || cause instanceof java.net.UnknownHostException
                    || cause instanceof java.net.SocketTimeoutException) {
                return ServiceAsk.trouble(service, url, cause);
            }
        }
        if (!url.tls().isEmpty() && (said.contains("SSL") || said.contains("TLS"))) {
            return tls(service, "another sslmode", said);
        }
        return ServerView.trouble(
                service,
                "garbage",
                ServiceAsk.place(url) + " does not answer as a " + url.kind().title() + " would: " + said);
    }

    private static ServerView full(String service, String said, String role) {
        return ServerView.trouble(
                service,
                "full",
                service + " is full: it lets the user of url not in either (" + said + "); with " + role
                        + " in url, a reserved slot would answer");
    }

    private static ServerView password(String service, String user, String said) {
        return ServerView.trouble(service, "password", service + " does not let " + user + " in: " + said);
    }

    private static ServerView database(String service, ServiceUrl url, String said) {
        return ServerView.trouble(
                service, "database", service + " has no database " + Sentence.of(url.database()) + ": " + said);
    }

    private static ServerView tls(String service, String remedy, String said) {
        return ServerView.trouble(
                service, "tls", service + " asks for TLS: " + said + "; write ?" + remedy + " at the end of url");
    }
}
