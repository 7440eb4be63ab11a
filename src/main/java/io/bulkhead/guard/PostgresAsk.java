package io.bulkhead.guard;

import io.bulkhead.guard.ServerView.Session;
import io.bulkhead.spec.ServiceUrl;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/** Asks a PostgreSQL who it is and who is connected. */
final class PostgresAsk {

    private static final String DRIVER = "org.postgresql.Driver";

    private PostgresAsk() {}

    /** A superuser gets one of the reserved slots by itself where the server is full. */
    static ServerView ask(String service, ServiceUrl url, int millis) throws IOException, SQLException {
        Properties properties = new Properties();
        int seconds = Math.max(1, millis / 1000);
        properties.setProperty("user", url.user().isEmpty() ? "postgres" : url.user());
        properties.setProperty("password", url.password());
        properties.setProperty("connectTimeout", Integer.toString(seconds));
        properties.setProperty("socketTimeout", Integer.toString(seconds));
        properties.setProperty("ApplicationName", "bulkhead connections");
        properties.setProperty("gssEncMode", "disable");
        properties.setProperty("sslmode", url.tls().isEmpty() ? "prefer" : url.tls());
        properties.setProperty("options", "-c statement_timeout=" + millis + " -c default_transaction_read_only=on");
        String host = url.host().indexOf(':') < 0 ? url.host() : "[" + url.host() + "]";
        String database = url.database().isEmpty()
                ? ""
                : java.net.URLEncoder.encode(url.database(), java.nio.charset.StandardCharsets.UTF_8);
        try (Connection connection =
                Drivers.connect(DRIVER, "jdbc:postgresql://" + host + ":" + url.port() + "/" + database, properties)) {
            return view(service, connection);
        }
    }

    private static ServerView view(String service, Connection connection) throws SQLException {
        List<String> notes = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            String version;
            long started;
            int max;
            int reserved;
            boolean sees;
            String user;
            try (ResultSet row = statement.executeQuery("select current_setting('server_version'),"
                    + " extract(epoch from pg_postmaster_start_time()), current_setting('max_connections')::int,"
                    + " coalesce(current_setting('superuser_reserved_connections', true)::int, 0)"
                    + " + coalesce(current_setting('reserved_connections', true)::int, 0),"
                    + " pg_has_role(current_user, 'pg_read_all_stats', 'usage'), current_user")) {
                row.next();
                version = row.getString(1);
                started = (long) (row.getDouble(2) * 1000);
                max = row.getInt(3);
                reserved = row.getInt(4);
                sees = row.getBoolean(5);
                user = row.getString(6);
            }
            if (!sees) {
                notes.add("PostgreSQL shows " + Sentence.of(user)
                        + " only its own sessions: GRANT pg_read_all_stats TO \"" + Sentence.of(user)
                        + "\", or write another user in url");
            }
            String identity = identity(connection, notes);
            List<Session> sessions = new ArrayList<>();
            int used = sessions(connection, sessions);
            return new ServerView(
                    service,
                    "",
                    "",
                    "PostgreSQL " + version.split(" ")[0],
                    identity,
                    "",
                    started,
                    max,
                    reserved,
                    used,
                    List.copyOf(sessions),
                    List.copyOf(notes));
        }
    }

    private static String identity(Connection connection, List<String> notes) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select system_identifier::text from pg_control_system()")) {
            row.next();
            return "system_identifier " + row.getString(1);
        } catch (SQLException denied) {
            notes.add("PostgreSQL does not tell its system_identifier (" + Sentence.of(denied.getMessage()) + ")");
            return "";
        }
    }

    private static int sessions(Connection connection, List<Session> sessions) throws SQLException {
        int used = 0;
        // What may not be seen is null there; state_change is the moment it became idle.
        try (PreparedStatement statement = connection.prepareStatement("select pid, usename, datname, application_name,"
                        + " host(client_addr), client_port, state, extract(epoch from now() - state_change)::bigint,"
                        + " extract(epoch from now() - xact_start)::bigint, coalesce(query ~* '^\\s*listen\\s', false),"
                        + " backend_type = 'walsender'"
                        + " from pg_stat_activity where backend_type in ('client backend', 'walsender')"
                        + " and pid <> pg_backend_pid()");
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                used += row.getBoolean(11) ? 0 : 1;
                if (sessions.size() < ServerView.MOST_SESSIONS && !row.getBoolean(11)) {
                    sessions.add(session(row));
                }
            }
        }
        return used;
    }

    private static Session session(ResultSet row) throws SQLException {
        String state = text(row, 7);
        return new Session(
                row.getLong(1),
                text(row, 2),
                text(row, 3),
                text(row, 4),
                text(row, 5),
                Math.max(0, row.getInt(6)),
                state,
                number(row, 8),
                number(row, 9),
                row.getBoolean(10) && state.equals("idle"));
    }

    static String text(ResultSet row, int column) throws SQLException {
        String text = row.getString(column);
        return text == null ? "" : text;
    }

    static long number(ResultSet row, int column) throws SQLException {
        long number = row.getLong(column);
        return row.wasNull() ? -1 : number;
    }
}
