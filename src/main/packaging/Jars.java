import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** The jars of the package: what is left out of them, and the name of their content. */
final class Jars {

    private static final String NATIVES = "org/sqlite/native/";

    private Jars() {}

    /**
     * Writes {@code sqlite-jdbc.jar} without its native libraries, and beside it the one for {@code arch} as a file; for
     * glibc or musl, as the JDK of this build is.
     *
     * @return the jar written
     */
    static Path withoutNatives(Path source, Path folder, String arch) throws IOException {
        Path jar = folder.resolve("sqlite-jdbc.jar");
        String wanted = NATIVES + (isMusl() ? "Linux-Musl/" : "Linux/") + arch + "/libsqlitejdbc.so";
        try (ZipFile in = new ZipFile(source.toFile());
                ZipOutputStream out = new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(jar)))) {
            for (ZipEntry entry : in.stream().toList()) {
                if (!entry.getName().startsWith(NATIVES) && !entry.isDirectory()) {
                    ZipEntry copy = new ZipEntry(entry.getName());
                    copy.setTime(entry.getTime());
                    out.putNextEntry(copy);
                    in.getInputStream(entry).transferTo(out);
                }
            }
            try (InputStream library = in.getInputStream(in.getEntry(wanted))) {
                Files.copy(library, folder.resolve("libsqlitejdbc.so"), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        return jar;
    }

    /** Twelve hexadecimal digits that change when a jar, the runtime or the flags of the launcher change. */
    static String hash(List<Path> jars, String runtime, String launcher) throws IOException {
        MessageDigest digest = sha256();
        for (Path jar : jars) {
            digest.update(Files.readAllBytes(jar));
        }
        digest.update(runtime.getBytes(StandardCharsets.UTF_8));
        digest.update(launcher.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(digest.digest(), 0, 6);
    }

    private static boolean isMusl() throws IOException {
        Path release = Path.of(System.getProperty("java.home"), "release");
        return Files.exists(release) && Files.readString(release).contains("LIBC=\"musl\"");
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }
}
