package io.bulkhead.spec;

import io.bulkhead.spec.Node.Entry;
import io.bulkhead.spec.Node.Mapping;
import io.bulkhead.spec.Node.Scalar;
import io.bulkhead.spec.Node.Sequence;
import io.bulkhead.spec.SourceText.Place;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/**
 * Turns a YAML text into nodes. It reads the parser's events instead of its composed nodes, because events can be stopped: depth,
 * size and aliases are bounded before anything is built, and nothing here recurses.
 */
final class YamlTree {

    static final int DEEPEST = 40;

    /** Nodes of one file, aliases counted as what they stand for. */
    static final int MOST_NODES = 100_000;

    static final int MOST_ALIASES = 1_000;

    private final SourceText source;
    private final Optional<Interpolation> interpolation;
    private final Problems problems;
    private final Deque<Open> open = new ArrayDeque<>();
    private final Map<String, Anchored> anchors = new HashMap<>();
    private Optional<Node> root = Optional.empty();
    private int aliases;
    private int documents;

    private YamlTree(SourceText source, Optional<Interpolation> interpolation, Problems problems) {
        this.source = source;
        this.interpolation = interpolation;
        this.problems = problems;
    }

    /**
     * The document's root; empty when there is none or the text is no YAML, which is then reported.
     *
     * @param interpolation what replaces {@code ${VAR}}; empty leaves every dollar as it is
     */
    static Optional<Node> read(SourceText source, Optional<Interpolation> interpolation, Problems problems) {
        return new YamlTree(source, interpolation, problems).read();
    }

    private Optional<Node> read() {
        LoadSettings settings = LoadSettings.builder().setLabel(source.name()).build();
        Place last = source.start();
        try {
            Iterator<Event> events =
                    new Parse(settings).parseString(source.text()).iterator();
            while (events.hasNext()) {
                Event event = events.next();
                last = place(event.getStartMark());
                if (!take(event, last)) {
                    return Optional.empty();
                }
            }
            return root;
        } catch (MarkedYamlEngineException wrong) {
            YamlMistake.report(wrong.getProblem(), place(wrong.getProblemMark()), problems);
        } catch (RuntimeException wrong) {
            // The scanner is not ours: whatever it trips over in a hostile text is that text's fault, never a crash.
            YamlMistake.report(String.valueOf(wrong.getMessage()), last, problems);
        }
        return Optional.empty();
    }

    private boolean take(Event event, Place place) {
        return switch (event.getEventId()) {
            case Scalar -> scalar((ScalarEvent) event, place);
            case Alias -> alias((AliasEvent) event, place);
            case SequenceStart, MappingStart -> start((CollectionStartEvent) event, place);
            case SequenceEnd, MappingEnd -> end();
            case DocumentStart -> document(place);
            case StreamStart, StreamEnd, DocumentEnd, Comment -> true;
        };
    }

    private boolean document(Place place) {
        documents++;
        if (documents > 1) {
            problems.error(place, "a second YAML document starts here", "keep one document: remove the \"---\" line");
        }
        return documents == 1;
    }

    private boolean scalar(ScalarEvent event, Place place) {
        Optional<String> tag = event.getTag();
        if (tag.isPresent() && !tag.get().equals("!") && !tag.get().equals("tag:yaml.org,2002:str")) {
            problems.error(place, "the tag " + Words.quoted(tag.get()) + " has no meaning here", "remove it");
        }
        boolean isKey = !open.isEmpty() && open.peek().wantsKey();
        String text = event.getValue();
        int broken = brokenCharacter(text);
        if (broken >= 0) {
            problems.error(
                    place,
                    "the character " + Words.quoted(text.substring(broken, broken + 1)) + " is not allowed in a value",
                    "remove it");
            text = text.substring(0, broken);
        }
        if (!isKey && interpolation.isPresent() && text.indexOf('$') >= 0) {
            switch (interpolation.get().apply(text)) {
                case Parsed.Good<String>(String value) -> text = value;
                case Parsed.Bad<String> bad ->
                    problems.error(
                            new Scalar(place, text, event.isPlain()).at(bad.offset()),
                            bad.message(),
                            bad.hint().orElse(""));
            }
        }
        boolean plain = event.isPlain() && tag.isEmpty();
        return add(new Scalar(place, text, plain), 1, event, place);
    }

    /** NUL cannot be passed to a program, half a surrogate pair cannot be written in UTF-8. */
    private static int brokenCharacter(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (c == 0 || Character.isSurrogate(c)) {
                return i;
            }
        }
        return -1;
    }

    private boolean alias(AliasEvent event, Place place) {
        String name = event.getAlias().getValue();
        Anchored found = anchors.get(name);
        if (found == null) {
            problems.error(
                    place,
                    "nothing before this place is named " + Words.quoted("&" + name),
                    "name it with &" + Words.shown(name) + " where it is written first; it cannot stand inside itself");
            return false;
        }
        aliases++;
        if (aliases > MOST_ALIASES) {
            problems.error(place, "more than " + MOST_ALIASES + " aliases in one file", "write fewer of them");
            return false;
        }
        return add(found.node(), found.size(), event, place);
    }

    private boolean start(CollectionStartEvent event, Place place) {
        if (open.size() == DEEPEST) {
            problems.error(
                    place,
                    "nested more than " + DEEPEST + " levels deep",
                    "no key needs that; look for a stray bracket");
            return false;
        }
        if (event.getTag().isPresent()) {
            problems.error(
                    place, "the tag " + Words.quoted(event.getTag().get()) + " has no meaning here", "remove it");
        }
        open.push(new Open(event, place));
        return true;
    }

    private boolean end() {
        Open done = open.pop();
        Node node = done.isMap()
                ? Mappings.of(done.place, done.children, problems)
                : new Sequence(done.place, List.copyOf(done.children));
        return add(node, done.size, done.event, done.place);
    }

    private boolean add(Node node, long size, NodeEvent event, Place place) {
        event.getAnchor().ifPresent(anchor -> anchors.put(anchor.getValue(), new Anchored(node, size)));
        Open parent = open.peek();
        if (parent == null) {
            root = Optional.of(node);
            return true;
        }
        parent.children.add(node);
        parent.size += size;
        if (parent.size > MOST_NODES) {
            problems.error(
                    place, "more than " + MOST_NODES + " values in one file", "no configuration needs that many");
            return false;
        }
        return true;
    }

    private Place place(Optional<Mark> mark) {
        return mark.isEmpty()
                ? source.start()
                : new Place(source, mark.get().getLine() + 1, mark.get().getColumn() + 1);
    }

    private record Anchored(Node node, long size) {}

    /** A list or map whose end has not come yet; a map's keys and values alternate. */
    private static final class Open {
        final CollectionStartEvent event;
        final Place place;
        final List<Node> children = new ArrayList<>();
        long size = 1;

        Open(CollectionStartEvent event, Place place) {
            this.event = event;
            this.place = place;
        }

        boolean isMap() {
            return event.getEventId() == Event.ID.MappingStart;
        }

        boolean wantsKey() {
            return isMap() && children.size() % 2 == 0;
        }
    }

    /** Makes a map of keys and values that alternate: duplicates are reported, {@code <<} is carried out. */
    private static final class Mappings {

        static Mapping of(Place place, List<Node> children, Problems problems) {
            Map<String, Entry> entries = new LinkedHashMap<>();
            List<Node> merges = new ArrayList<>();
            for (int i = 0; i + 1 < children.size(); i += 2) {
                Node key = children.get(i);
                Node value = children.get(i + 1);
                if (!(key instanceof Scalar name)) {
                    problems.error(key.place(), "a key must be a word, not " + key.kind(), "write NAME: VALUE");
                } else if (name.plain() && name.text().equals("<<")) {
                    merges.add(value);
                } else {
                    Entry before = entries.putIfAbsent(name.text(), new Entry(name, value));
                    if (before != null) {
                        problems.error(
                                name.place(),
                                "duplicate key " + Words.quoted(name.text()),
                                "it is written first in line "
                                        + before.key().place().line() + "; keep one of the two");
                    }
                }
            }
            for (Node merged : merges) {
                merge(merged, entries, problems);
            }
            return new Mapping(place, List.copyOf(entries.values()));
        }

        private static void merge(Node merged, Map<String, Entry> entries, Problems problems) {
            switch (merged) {
                case Mapping map -> {
                    for (Entry entry : map.entries()) {
                        entries.putIfAbsent(entry.key().text(), entry);
                    }
                }
                case Sequence list -> {
                    for (Node item : list.items()) {
                        if (item instanceof Mapping) {
                            merge(item, entries, problems);
                        } else {
                            problems.error(item.place(), "\"<<\" wants maps, not " + item.kind(), "write <<: *NAME");
                        }
                    }
                }
                case Scalar scalar ->
                    problems.error(scalar.place(), "\"<<\" wants a map, not " + scalar.kind(), "write <<: *NAME");
            }
        }
    }
}
