package io.bulkhead.guard;

import static io.bulkhead.guard.PostgresAsk.number;
import static io.bulkhead.guard.PostgresAsk.text;

import io.bulkhead.guard.ServerView.Session;
import io.bulkhead.spec.ServiceUrl;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** Asks a MySQL or MariaDB who it is and who is connected. */
final class MysqlAsk {

    private static final String DRIVER = "org.mariadb.jdbc.Driver";

    /** Of information_schema.processlist: threads of the server itself, and copies of a primary. */
    private static final List<String> NO_CLIENTS = List.of("Daemon", "Binlog Dump", "Binlog Dump GTID", "Connect");

    private MysqlAsk() {}

    /** Whoever may CONNECTION ADMIN (SUPER) gets the one spare slot by itself where the server is full. */
    static ServerView ask(String service, ServiceUrl url, int millis) throws IOException, SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", url.user().isEmpty() ? "root" : url.user());
        properties.setProperty("password", url.password());
        properties.setProperty("connectTimeout", Integer.toString(millis));
        properties.setProperty("socketTimeout", Integer.toString(millis));
        properties.setProperty("allowPublicKeyRetrieval", "true");
        properties.setProperty("allowLocalInfile", "false");
        properties.setProperty("connectionAttributes", "program_name:bulkhead connections");
        String tls = url.tls().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        properties.setProperty(
                "sslMode",
                switch (tls) {
                    case "", "disable", "disabled", "preferred", "prefer" -> "disable";
                    case "require", "required" -> "trust";
                    default -> tls.equals("verify-ca") ? "verify-ca" : "verify-full";
                });
        String host = url.host().indexOf(':') < 0 ? url.host() : "[" + url.host() + "]";
        // A MySQL would refuse a driver of MariaDB's name without this word.
        String address = "jdbc:mariadb://" + host + ":" + url.port() + "/";
        try (Connection connection = Drivers.connect(DRIVER, address, properties)) {
            return view(service, connection);
        }
    }

    private static ServerView view(String service, Connection connection) throws SQLException {
        Map<String, String> variables = pairs(
                connection,
                "show global variables where variable_name in ('version', 'max_connections', 'server_uuid', 'server_uid',"
                        + " 'datadir', 'port', 'hostname')");
        Map<String, String> status =
                pairs(connection, "show global status where variable_name in ('uptime', 'threads_connected')");
        List<String> notes = new ArrayList<>();
        Map<Long, Long> transactions = transactions(connection, notes);
        List<Session> sessions = new ArrayList<>();
        boolean others = sessions(connection, transactions, sessions);
        int used = (int) Math.max(0, whole(status, "threads_connected") - 1);
        if (!others && used > sessions.size()) {
            notes.add(
                    "MySQL shows this user only its own sessions: GRANT PROCESS ON *.* TO it, or write another user in url");
        }
        String version = variables.getOrDefault("version", "");
        boolean maria = version.contains("MariaDB");
        long up = whole(status, "uptime");
        String uuid = variables.getOrDefault("server_uuid", variables.getOrDefault("server_uid", ""));
        return new ServerView(
                service,
                "",
                "",
                (maria ? "MariaDB " : "MySQL ") + version.split("-")[0],
                // The uuid of MySQL lies in its data; that of MariaDB is of machine and port.
                maria
                        ? "server_uid " + uuid + " data " + variables.getOrDefault("datadir", "") + " host "
                                + variables.getOrDefault("hostname", "")
                        : "server_uuid " + uuid,
                "",
                System.currentTimeMillis() - up * 1000,
                (int) whole(variables, "max_connections"),
                0,
                used,
                List.copyOf(sessions),
                List.copyOf(notes));
    }

    private static Map<String, String> pairs(Connection connection, String query) throws SQLException {
        Map<String, String> pairs = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            while (row.next()) {
                pairs.put(text(row, 1).toLowerCase(java.util.Locale.ROOT), text(row, 2));
            }
        }
        return pairs;
    }

    /** Open transactions by session: MySQL says only Sleep of a client that forgot to commit. */
    private static Map<Long, Long> transactions(Connection connection, List<String> notes) throws SQLException {
        Map<Long, Long> open = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select trx_mysql_thread_id,"
                        + " timestampdiff(second, trx_started, now()) from information_schema.innodb_trx")) {
            while (row.next()) {
                open.put(row.getLong(1), row.getLong(2));
            }
        } catch (SQLException denied) {
            notes.add("MySQL does not show open transactions to this user (" + Sentence.of(denied.getMessage())
                    + "): GRANT PROCESS ON *.* TO it");
        }
        return open;
    }

    /** @return whether sessions of other users are among them */
    private static boolean sessions(Connection connection, Map<Long, Long> transactions, List<Session> sessions)
            throws SQLException {
        boolean others = false;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select id, user, host, db, command, time,"
                        + " user <> substring_index(current_user(), '@', 1) from information_schema.processlist"
                        + " where id <> connection_id()")) {
            while (row.next()) {
                others |= row.getBoolean(7);
                if (!NO_CLIENTS.contains(text(row, 5)) && sessions.size() < ServerView.MOST_SESSIONS) {
                    sessions.add(session(row, transactions));
                }
            }
        }
        return others;
    }

    private static Session session(ResultSet row, Map<Long, Long> transactions) throws SQLException {
        String host = text(row, 3);
        int colon = host.lastIndexOf(':');
        boolean sleeps = text(row, 5).equals("Sleep");
        long transaction = transactions.getOrDefault(row.getLong(1), -1L);
        return new Session(
                row.getLong(1),
                text(row, 2),
                text(row, 4),
                "",
                colon < 0 ? "" : host.substring(0, colon),
                colon < 0 ? 0 : Integer.parseInt(host.substring(colon + 1)),
                sleeps ? transaction >= 0 ? "idle in transaction" : "idle" : "active",
                sleeps ? number(row, 6) : 0,
                transaction,
                false);
    }

    private static long whole(Map<String, String> of, String name) {
        try {
            return Long.parseLong(of.getOrDefault(name, "0"));
        } catch (NumberFormatException other) {
            return 0;
        }
    }
}
