package io.bulkhead.guard;

import io.bulkhead.linux.CommandLookup;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.AppSpec.Command;
import io.bulkhead.spec.Finding;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A hook that ends processes by name or by port. {@code pkill -f ssh} ends the operator's own session, {@code pkill node} every other app; what it is meant for is the
 * port guard's work, by process number and start time.
 */
final class KillByNameCheck implements Check {

    private static final Pattern KILLER = Pattern.compile(
            "(?:^|[\\s;|&(`/])(pkill|killall|killall5|skill|fuser\\s(?:[^;|&\\n]*?\\s)?-\\w*k\\w*|npx\\s+kill-port|kill-port)(?=[\\s;|&)`]|$)");

    private static final int MOST_OF_A_SCRIPT = 64 << 10;

    @Override
    public String name() {
        return "kill-by-name";
    }

    @Override
    public List<Finding> look(Subject subject) throws IOException {
        List<Finding> findings = new ArrayList<>();
        for (Map.Entry<AppSpec.Hooks.Hook, Command> hook :
                subject.app().hooks().commands().entrySet()) {
            for (Text text : texts(hook.getValue(), subject.app().workingDir())) {
                Optional<String> found = killer(text.words());
                if (found.isPresent()) {
                    findings.add(subject.warning(
                            this,
                            "the hook " + hook.getKey().word() + " ends processes by name (" + found.get()
                                    + "): it may hit others",
                            "take it out: Bulkhead ends the whole of its own runs by itself, says who holds a port (bulkhead ports), and with port_guard:"
                                    + " {orphan_tunnels: close} ends orphaned tunnels that hold one",
                            text.where()));
                }
            }
        }
        return findings;
    }

    private record Text(String where, String words) {}

    private static List<Text> texts(Command command, Path folder) throws IOException {
        List<Text> texts = new ArrayList<>();
        texts.add(new Text("its command", String.join(" ", command.argv())));
        for (String word : command.argv()) {
            if (word.contains("/") || word.endsWith(".sh")) {
                Path file = word.contains(" ") ? folder : folder.resolve(word);
                if (Files.isRegularFile(file)
                        && Files.isReadable(file)
                        && (word.endsWith(".sh") || CommandLookup.shebang(file).isPresent())) {
                    texts.add(new Text(file.toString(), withoutComments(file)));
                }
            }
        }
        return texts;
    }

    private static String withoutComments(Path script) throws IOException {
        StringBuilder text = new StringBuilder();
        try (InputStream in = Files.newInputStream(script)) {
            for (String line : new String(in.readNBytes(MOST_OF_A_SCRIPT), StandardCharsets.UTF_8).split("\n")) {
                if (!line.strip().startsWith("#")) {
                    text.append(line).append('\n');
                }
            }
        }
        return text.toString();
    }

    static Optional<String> killer(String words) {
        Matcher matcher = KILLER.matcher(words);
        return matcher.find() ? Optional.of(matcher.group(1).strip()) : Optional.empty();
    }
}
