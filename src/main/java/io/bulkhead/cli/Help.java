package io.bulkhead.cli;

import java.io.IOException;
import java.util.List;

/** What {@code bulkhead help} and {@code bulkhead COMMAND --help} print. */
final class Help {

    private static final int MARGIN = 30;

    private Help() {}

    static void overview(Screen screen) throws IOException {
        screen.line("Bulkhead keeps the programs of one Linux server running, each in its own memory compartment.")
                .line("")
                .line("  bulkhead up -f bulkhead.yaml     run everything in a file, with a live view")
                .line("  bulkhead status                  what runs")
                .line("  bulkhead COMMAND --help          what a command does and takes")
                .line("");
        for (Command.Group group : Command.Group.values()) {
            if (group != Command.Group.HIDDEN) {
                group(screen, group);
            }
        }
        screen.line("APP is a name, a name with an instance (api/2), or all.").flush();
    }

    static void command(Screen screen, Command command) throws IOException {
        screen.line(usage(command)).line("");
        screen.paragraph(2, sentence(command.summary()) + (command.details().isEmpty() ? "" : " " + command.details()));
        if (!command.aliases().isEmpty()) {
            screen.line("").line("  Also called: " + String.join(", ", command.aliases()));
        }
        if (!command.options().isEmpty()) {
            options(screen, "Options", command.options());
        }
        options(screen, "For every command", Commands.GLOBAL);
        screen.flush();
    }

    static String usage(Command command) {
        return "bulkhead " + command.name() + (command.options().isEmpty() ? "" : " [OPTIONS]")
                + (command.arguments().isEmpty() ? "" : " " + command.arguments());
    }

    static String sentence(String summary) {
        return Character.toUpperCase(summary.charAt(0)) + summary.substring(1) + ".";
    }

    private static void group(Screen screen, Command.Group group) {
        screen.line(screen.paint(Colour.BOLD, group.title()));
        for (Command command : Commands.all()) {
            if (command.group() == group) {
                entry(
                        screen,
                        command.name() + (command.arguments().isEmpty() ? "" : " " + command.arguments()),
                        command.summary());
            }
        }
        screen.line("");
    }

    private static void options(Screen screen, String title, List<Option> options) {
        screen.line("").line(screen.paint(Colour.BOLD, title));
        for (Option option : options) {
            entry(screen, (option.letter().isEmpty() ? "    " : "") + option.written(), option.help());
        }
    }

    private static void entry(Screen screen, String what, String meaning) {
        String line = "  " + what;
        screen.line(line + " ".repeat(Math.max(2, MARGIN - line.length())) + meaning);
    }
}
