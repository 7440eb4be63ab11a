package io.bulkhead.story;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Properties;
import org.sqlite.JDBC;

/**
 * The database of events and incidents. Write-ahead log and exclusive lock: no shared memory file, and a commit costs a write and no
 * sync (a power cut may cost the last seconds, a killed daemon nothing). Owned by one thread.
 */
final class HistoryFile implements AutoCloseable {

    static final int MOST_EVENTS = 100_000;
    static final int MOST_INCIDENTS = 10_000;
    static final int LONGEST_JSON = 1 << 18;
    static final long LONGEST_MILLIS = 30L * 24 * 3600 * 1000;

    /** Statements that lead from one version of the schema to the next; only added to. */
    private static final String[][] MIGRATIONS = {
        {
            """
            CREATE TABLE events (seq INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, type TEXT NOT NULL,
              app TEXT NOT NULL, instance INTEGER NOT NULL, run TEXT NOT NULL, fields TEXT NOT NULL)""",
            "CREATE INDEX events_app ON events (app, seq)",
            """
            CREATE TABLE incidents (number INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, app TEXT NOT NULL,
              instance INTEGER NOT NULL, cause TEXT NOT NULL, summary TEXT NOT NULL, evidence TEXT NOT NULL,
              advice TEXT NOT NULL, resolved INTEGER)""",
            "CREATE INDEX incidents_app ON incidents (app, number)"
        }
    };

    private final Connection connection;
    private final PreparedStatement insertEvent;
    private final PreparedStatement insertIncident;

    private HistoryFile(Connection connection) throws SQLException {
        this.connection = connection;
        insertEvent = connection.prepareStatement("INSERT OR REPLACE INTO events VALUES (?, ?, ?, ?, ?, ?, ?)");
        insertIncident =
                connection.prepareStatement("INSERT OR REPLACE INTO incidents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    }

    /** Opens the database, making it (mode 0600) where it is missing, and brings its schema up to date. */
    static HistoryFile open(Path path) throws SQLException, IOException {
        SqliteLibrary.locate();
        if (!Files.exists(path)) {
            Files.createFile(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        Connection connection = JDBC.createConnection(JDBC.PREFIX + path, new Properties());
        try {
            try (Statement statement = connection.createStatement()) {
                for (String pragma : List.of(
                        "locking_mode=EXCLUSIVE",
                        "journal_mode=WAL",
                        "synchronous=NORMAL",
                        "cache_size=-256",
                        "temp_store=MEMORY",
                        "wal_autocheckpoint=128",
                        "journal_size_limit=1048576")) {
                    statement.execute("PRAGMA " + pragma);
                }
                migrate(connection, statement);
            }
            connection.setAutoCommit(false);
            return new HistoryFile(connection);
        } catch (SQLException | RuntimeException e) {
            try {
                connection.close();
            } catch (SQLException closing) {
                e.addSuppressed(closing);
            }
            throw e;
        }
    }

    /** The greatest number an event ever had here. */
    long lastSeq() throws SQLException {
        return last("events");
    }

    /** The greatest number an incident ever had here. */
    long lastIncident() throws SQLException {
        return last("incidents");
    }

    void insert(StoryEvent event) throws SQLException {
        insertEvent.setLong(1, event.seq());
        insertEvent.setLong(2, event.timeMillis());
        insertEvent.setString(3, event.type());
        insertEvent.setString(4, event.app());
        insertEvent.setInt(5, event.instance());
        insertEvent.setString(6, event.run());
        insertEvent.setString(7, bounded(StoryJson.write(event.fields()), "{\"cut\":true}"));
        insertEvent.executeUpdate();
    }

    void insert(Incident incident) throws SQLException {
        insertIncident.setLong(1, Incident.number(incident.id()));
        insertIncident.setLong(2, incident.timeMillis());
        insertIncident.setString(3, incident.app());
        insertIncident.setInt(4, incident.instance());
        insertIncident.setString(5, incident.cause());
        insertIncident.setString(6, incident.summary());
        insertIncident.setString(7, bounded(StoryJson.write(incident.evidence()), "[]"));
        insertIncident.setString(8, bounded(StoryJson.write(incident.advice()), "[]"));
        if (incident.resolvedMillis().isPresent()) {
            insertIncident.setLong(9, incident.resolvedMillis().getAsLong());
        } else {
            insertIncident.setNull(9, java.sql.Types.INTEGER);
        }
        insertIncident.executeUpdate();
    }

    void resolve(long incident, long millis) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE incidents SET resolved = ? WHERE number = ? AND resolved IS NULL")) {
            update.setLong(1, millis);
            update.setLong(2, incident);
            update.executeUpdate();
        }
    }

    void resolve(String app, int instance, long millis) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE incidents SET resolved = ? WHERE app = ? AND instance = ? AND resolved IS NULL")) {
            update.setLong(1, millis);
            update.setString(2, app);
            update.setInt(3, instance);
            update.executeUpdate();
        }
    }

    void commit() throws SQLException {
        connection.commit();
    }

    void rollback() throws SQLException {
        connection.rollback();
    }

    /** Oldest first; {@code app} empty: of all; {@code afterSeq} negative: the newest. */
    List<StoryEvent> events(long afterSeq, int limit, String app) throws SQLException {
        boolean newest = afterSeq < 0;
        String where = app.isEmpty() ? "" : " AND app = ?";
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT seq, time, type, app, instance, run, fields FROM events WHERE seq > ?" + where
                        + (newest ? " ORDER BY seq DESC LIMIT ?" : " ORDER BY seq LIMIT ?"))) {
            int next = 1;
            select.setLong(next++, afterSeq);
            if (!app.isEmpty()) {
                select.setString(next++, app);
            }
            select.setInt(next, limit);
            List<StoryEvent> events = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    events.add(new StoryEvent(
                            rows.getLong(1),
                            rows.getLong(2),
                            rows.getString(3),
                            rows.getString(4),
                            rows.getInt(5),
                            rows.getString(6),
                            StoryJson.map(rows.getString(7))));
                }
            }
            return newest ? events.reversed() : events;
        }
    }

    /** Newest first; {@code app} empty: of all. */
    List<Incident> incidents(String app, int limit) throws SQLException {
        String where = app.isEmpty() ? "" : " WHERE app = ?";
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT number, time, app, instance, cause, summary, evidence, advice, resolved FROM incidents" + where
                        + " ORDER BY number DESC LIMIT ?")) {
            int next = 1;
            if (!app.isEmpty()) {
                select.setString(next++, app);
            }
            select.setInt(next, limit);
            List<Incident> incidents = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    long resolved = rows.getLong(9);
                    boolean open = rows.wasNull();
                    incidents.add(new Incident(
                            "i" + rows.getLong(1),
                            rows.getLong(2),
                            rows.getString(3),
                            rows.getInt(4),
                            rows.getString(5),
                            rows.getString(6),
                            StoryJson.strings(rows.getString(7)),
                            StoryJson.strings(rows.getString(8)),
                            open ? OptionalLong.empty() : OptionalLong.of(resolved)));
                }
            }
            return incidents;
        }
    }

    /** Lets go what is too old or too much. */
    void prune(long now, int mostEvents, int mostIncidents) throws SQLException {
        prune("events", "seq", mostEvents, now);
        prune("incidents", "number", mostIncidents, now);
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    /** One entry cannot fill the disk: beyond this a bug speaks, not an app. */
    private static String bounded(String json, String instead) {
        return json.length() <= LONGEST_JSON ? json : instead;
    }

    private void prune(String table, String key, int most, long now) throws SQLException {
        // Counted, not by numbers: an unclean end leaves numbers out.
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM " + table + " WHERE time < ? OR " + key
                + " <= (SELECT " + key + " FROM " + table + " ORDER BY " + key + " DESC LIMIT 1 OFFSET ?)")) {
            delete.setLong(1, now - LONGEST_MILLIS);
            delete.setInt(2, most);
            delete.executeUpdate();
        }
    }

    private long last(String table) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT max(seq) FROM sqlite_sequence WHERE name = ?")) {
            select.setString(1, table);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? rows.getLong(1) : 0;
            }
        }
    }

    private static void migrate(Connection connection, Statement statement) throws SQLException {
        statement.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, applied INTEGER)");
        int version;
        try (ResultSet rows = statement.executeQuery("SELECT coalesce(max(version), 0) FROM schema_version")) {
            version = rows.next() ? rows.getInt(1) : 0;
        }
        if (version > MIGRATIONS.length) {
            throw new SQLException("made by a newer version of Bulkhead (schema " + version + ", known here: "
                    + MIGRATIONS.length + ")");
        }
        for (int next = version; next < MIGRATIONS.length; next++) {
            connection.setAutoCommit(false);
            for (String step : MIGRATIONS[next]) {
                statement.execute(step);
            }
            statement.execute("INSERT INTO schema_version VALUES (" + (next + 1) + ", strftime('%s', 'now'))");
            connection.commit();
            connection.setAutoCommit(true);
        }
    }
}
