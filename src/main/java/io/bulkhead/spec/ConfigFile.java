package io.bulkhead.spec;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Gets a file's text, however bad the file is. */
final class ConfigFile {

    /** The daemon's heap is 32 MB; nobody writes a hundredth of this by hand. */
    static final int LARGEST = 1 << 20;

    private static final int MOST_FILES = 200;

    private ConfigFile() {}

    /** The {@code *.yaml} and {@code *.yml} of a folder by name, hidden ones left out. */
    static List<Path> inFolder(Optional<Path> folder, Problems problems) {
        List<Path> found = new ArrayList<>();
        if (folder.isEmpty() || !Files.exists(folder.get())) {
            return found;
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder.get(), "[!.]*.{yaml,yml}")) {
            for (Path file : all) {
                found.add(file);
            }
        } catch (IOException | java.nio.file.DirectoryIteratorException failed) {
            problems.error(
                    folder.get().toString(), "cannot list this folder: " + reason(failed), "check its permissions");
        }
        found.sort(null);
        if (found.size() > MOST_FILES) {
            problems.error(
                    folder.get().toString(), "more than " + MOST_FILES + " files in this folder", "merge some of them");
            return found.subList(0, MOST_FILES);
        }
        return found;
    }

    /** The text; empty when there is none to be had, which is reported. */
    static Optional<SourceText> load(Path file, Problems problems) {
        String name = file.toString();
        try {
            if (Files.isDirectory(file)) {
                problems.error(
                        name,
                        "this is a folder, not a file",
                        "name the file in it, such as " + name + "/bulkhead.yaml");
                return Optional.empty();
            }
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                problems.error(name, "this is not a regular file", "name a file");
                return Optional.empty();
            }
            byte[] bytes;
            try (InputStream in = Files.newInputStream(file)) {
                bytes = in.readNBytes(LARGEST + 1);
            }
            if (bytes.length > LARGEST) {
                problems.error(
                        name,
                        "the file is larger than " + Sizes.text(LARGEST) + ", which no configuration needs",
                        "check that it is the right file");
                return Optional.empty();
            }
            return decode(name, bytes, problems);
        } catch (NoSuchFileException missing) {
            problems.error(name, "there is no such file", "name another with -f FILE, or make one with bulkhead init");
        } catch (AccessDeniedException denied) {
            problems.error(name, "permission denied", "make it readable for the user that reads it");
        } catch (IOException failed) {
            problems.error(name, "cannot be read: " + reason(failed), "check the file and its disk");
        }
        return Optional.empty();
    }

    /** The variables of the {@code .env} beside a file, none where there is no such file. */
    static Map<String, String> dotEnv(Path file, Problems problems) {
        Path beside = file.resolveSibling(".env");
        if (!Files.isRegularFile(beside)) {
            return Map.of();
        }
        Optional<SourceText> text = load(beside, problems);
        return text.isEmpty() ? Map.of() : new EnvReader(text.get(), problems).read();
    }

    /** UTF-8 without a byte order mark and without control characters. */
    static Optional<SourceText> decode(String name, byte[] bytes, Problems problems) {
        boolean mark =
                bytes.length > 2 && bytes[0] == (byte) 0xef && bytes[1] == (byte) 0xbb && bytes[2] == (byte) 0xbf;
        ByteBuffer in = ByteBuffer.wrap(bytes);
        in.position(mark ? 3 : 0);
        CharBuffer out = CharBuffer.allocate(bytes.length + 1);
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        CoderResult result = decoder.decode(in, out, true);
        boolean broken = result.isError();
        SourceText text = new SourceText(name, out.flip().toString());
        if (broken) {
            int wrong = bytes[in.position()] & 0xff;
            problems.error(
                    text.at(text.text().length()),
                    "the byte 0x" + Integer.toHexString(wrong) + " is not UTF-8",
                    "save the file as UTF-8");
            return Optional.empty();
        }
        int control = controlCharacter(text.text());
        if (control >= 0) {
            problems.error(
                    text.at(control),
                    "the control character " + Words.quoted(text.text().substring(control, control + 1))
                            + " is not allowed",
                    "remove it");
            return Optional.empty();
        }
        return Optional.of(text);
    }

    private static int controlCharacter(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < ' ' && c != '\n' && c != '\r' && c != '\t') || c == 0x7f || (c >= 0x80 && c < 0xa0 && c != 0x85)) {
                return i;
            }
        }
        return -1;
    }

    private static String reason(Exception failed) {
        return Optional.ofNullable(failed.getMessage()).orElse(failed.getClass().getSimpleName());
    }
}
