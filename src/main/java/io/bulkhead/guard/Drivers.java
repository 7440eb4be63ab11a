package io.bulkhead.guard;

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

/**
 * The drivers of databases, loaded when one is asked: they lie beside the program ({@code lib/drivers}), outside of its class path and its caches, so that
 * nothing but the asking pays for them.
 */
final class Drivers {

    /** Where the package is; unset where classes run outside of it, which then have the drivers on their class path. */
    private static final String DIST = "bulkhead.dist";

    private Drivers() {}

    /** @throws IOException when there is no such driver here */
    static Connection connect(String driver, String url, Properties properties) throws SQLException, IOException {
        try {
            Driver found = (Driver) Class.forName(driver, true, loader())
                    .getDeclaredConstructor()
                    .newInstance();
            Connection connection = found.connect(url, properties);
            if (connection == null) {
                throw new IOException(driver + " does not take its own URL");
            }
            return connection;
        } catch (ClassNotFoundException
                | NoSuchMethodException
                | InstantiationException
                | IllegalAccessException
                | InvocationTargetException
                | LinkageError missing) {
            throw new IOException("the driver " + driver + " cannot be loaded (" + missing + ")", missing);
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
