package io.bulkhead.guard;

import io.bulkhead.spec.ServiceUrl;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The drivers of databases, loaded when one is asked: they lie beside the program ({@code lib/drivers}), outside of its class path and its caches, so that
 * nothing but the asking pays for them.
 */
final class Drivers {

    /** Where the package is; unset where classes run outside of it, which then have the drivers on their class path. */
    private static final String DIST = "bulkhead.dist";

    private Drivers() {}

    /** Loads what {@code kind} needs, so that a slow disk is not taken for a slow database. What is missing is told when it is used. */
    static void load(ServiceUrl.Kind kind) {
        try {
            switch (kind) {
                case POSTGRES -> driver(PostgresAsk.DRIVER);
                case MYSQL -> driver(MysqlAsk.DRIVER);
                case REDIS -> {}
            }
        } catch (IOException missing) {
            // Whoever connects next is told.
        }
    }

    /** @throws IOException when there is no such driver here */
    static Connection connect(String driver, String url, Properties properties) throws SQLException, IOException {
        Connection connection = driver(driver).connect(url, properties);
        if (connection == null) {
            throw new IOException(driver + " does not take its own URL");
        }
        return connection;
    }

    private static Driver driver(String name) throws IOException {
        try {
            return (Driver) Class.forName(name, true, Loader.get())
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (ClassNotFoundException
                | NoSuchMethodException
                | InstantiationException
                | IllegalAccessException
                | InvocationTargetException
                | LinkageError missing) {
            throw new IOException("the driver " + name + " cannot be loaded (" + missing + ")", missing);
        }
    }

    /** One for all drivers and threads. */
    private static final class Loader {

        private static @Nullable ClassLoader made;

        private Loader() {}

        static synchronized ClassLoader get() throws IOException {
            ClassLoader known = made;
            if (known == null) {
                known = loader();
                made = known;
            }
            return known;
        }
    }

    private static ClassLoader loader() throws IOException {
        ClassLoader own = Drivers.class.getClassLoader();
        String dist = System.getProperty(DIST);
        if (dist == null) {
            return own;
        }
        List<URL> jars = new ArrayList<>();
        Path folder = Path.of(dist, "lib", "drivers");
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*.jar")) {
                for (Path jar : found) {
                    jars.add(jar.toUri().toURL());
                }
            }
        }
        return new URLClassLoader(jars.toArray(URL[]::new), own);
    }
}
