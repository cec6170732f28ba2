package io.sluice.policy.tenantfile;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.CoreScalarResolver;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;

/**
 * Reads one YAML document into {@link YamlNode}s, from the parser's events rather than its composer, so that nothing in
 * the file decides how much memory or stack is used: depth and aliases are limited, an alias is a reference to the node
 * it names and never a copy, and tags are refused.
 */
final class YamlReader {
    static final int LARGEST_BYTES = 1 << 20;
    private static final int DEEPEST = 16;
    private static final int MOST_ALIASES = 64;

    private final String file;
    private final ScalarResolver resolver = new CoreScalarResolver(false);
    private final Map<String, YamlNode> anchors = new HashMap<>();
    private final Deque<Open> open = new ArrayDeque<>();
    private int aliases;
    private @Nullable YamlNode root;

    private YamlReader(String file) {
        this.file = file;
    }

    /** @param file how the user names the file */
    static YamlNode read(String file, byte[] content) throws TenantFileException {
        if (content.length > LARGEST_BYTES) {
            throw new TenantFileException(new Problem(file, 0, 0, "", "larger than 1 MiB: this is not a tenant file"));
        }
        return new YamlReader(file).document(text(file, content));
    }

    private YamlNode document(String text) throws TenantFileException {
        // The limit counts code points, of which there are no more than bytes, so LARGEST_BYTES is what refuses.
        LoadSettings settings = LoadSettings.builder()
                .setLabel(file)
                .setCodePointLimit(LARGEST_BYTES + 1)
                .build();
        try {
            for (Event event : new Parse(settings).parseString(text)) {
                take(event);
            }
        } catch (MarkedYamlEngineException e) {
            throw notYaml(e);
        } catch (YamlEngineException e) {
            throw problem(1, 1, "not YAML text: it holds characters that cannot be printed");
        }
        YamlNode document = root;
        if (document == null) {
            throw problem(1, 1, "the file is empty: a tenant file needs 'tenant' and 'gpus'");
        }
        return document;
    }

    private void take(Event event) throws TenantFileException {
        switch (event.getEventId()) {
            case DocumentStart -> {
                if (root != null) {
                    throw problem(event, "a second document begins here: write one tenant in one file");
                }
            }
            case Scalar -> add(scalar((ScalarEvent) event), (NodeEvent) event);
            case Alias -> add(aliased((AliasEvent) event), null);
            case SequenceStart, MappingStart -> {
                refuseTag(event, ((CollectionStartEvent) event).getTag().orElse(""));
                if (open.size() >= DEEPEST) {
                    throw problem(event, "nested deeper than " + DEEPEST + " levels: this is not a tenant file");
                }
                open.push(new Open((CollectionStartEvent) event, line(event), column(event)));
            }
            case SequenceEnd, MappingEnd -> {
                Open done = open.pop();
                add(done.node(), done.start);
            }
            default -> {}
        }
    }

    private YamlNode.Scalar scalar(ScalarEvent event) throws TenantFileException {
        refuseTag(event, event.getTag().orElse(""));
        Tag tag = event.isPlain() ? resolver.resolve(event.getValue(), true) : Tag.STR;
        YamlNode.Kind kind = tag.equals(Tag.INT)
                ? YamlNode.Kind.INTEGER
                : tag.equals(Tag.FLOAT)
                        ? YamlNode.Kind.NUMBER
                        : tag.equals(Tag.BOOL)
                                ? YamlNode.Kind.BOOLEAN
                                : tag.equals(Tag.NULL) ? YamlNode.Kind.NULL : YamlNode.Kind.STRING;
        return new YamlNode.Scalar(event.getValue(), kind, line(event), column(event));
    }

    private YamlNode aliased(AliasEvent event) throws TenantFileException {
        YamlNode node = anchors.get(event.getAlias().getValue());
        if (node == null) {
            throw problem(
                    event,
                    "the alias " + Quoted.quoted("*" + event.getAlias()) + " names no anchor above it"
                            + " (for every GPU write \"*\" in quotes)");
        }
        if (++aliases > MOST_ALIASES) {
            throw problem(event, "more than " + MOST_ALIASES + " aliases: this is not a tenant file");
        }
        return node;
    }

    /** Puts a finished node where it belongs. A node gets its anchor only now, so that it cannot contain itself. */
    private void add(YamlNode node, @Nullable NodeEvent event) throws TenantFileException {
        if (event != null && event.getAnchor().isPresent()) {
            anchors.put(event.getAnchor().get().getValue(), node);
        }
        Open parent = open.peek();
        if (parent == null) {
            root = node;
        } else if (parent.isSequence()) {
            parent.items.add(node);
        } else if (parent.key != null) {
            parent.entries.add(new YamlNode.Entry(parent.key, node));
            parent.key = null;
        } else if (node instanceof YamlNode.Scalar key) {
            parent.key = key;
        } else {
            throw problem(node.line(), node.column(), node.shown() + " cannot be a key: write a word");
        }
    }

    private void refuseTag(Event event, String tag) throws TenantFileException {
        if (!tag.isEmpty()) {
            throw problem(event, "the tag " + Quoted.quoted(tag) + " is not allowed: a tenant file has no tags");
        }
    }

    private static String text(String file, byte[] content) throws TenantFileException {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(bytes)
                    .toString();
        } catch (CharacterCodingException e) {
            int line = 1;
            for (int i = 0; i < bytes.position(); i++) {
                line += content[i] == '\n' ? 1 : 0;
            }
            throw new TenantFileException(new Problem(file, line, 1, "", "not UTF-8 text: this is not a tenant file"));
        }
    }

    private TenantFileException notYaml(MarkedYamlEngineException e) {
        Mark mark = e.getProblemMark().or(e::getContextMark).orElse(null);
        int line = mark == null ? 1 : mark.getLine() + 1;
        int column = mark == null ? 1 : mark.getColumn() + 1;
        String context = e.getContext() == null ? "" : e.getContext() + ", ";
        String hint = context.contains("alias") ? " (for every GPU write \"*\" in quotes)" : "";
        return problem(line, column, ("not YAML: " + context + e.getProblem() + hint).replaceAll("\\s+", " "));
    }

    private TenantFileException problem(Event event, String sentence) {
        return problem(line(event), column(event), sentence);
    }

    private TenantFileException problem(int line, int column, String sentence) {
        return new TenantFileException(new Problem(file, line, column, "", sentence));
    }

    private static int line(Event event) {
        return event.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
    }

    private static int column(Event event) {
        return event.getStartMark().map(mark -> mark.getColumn() + 1).orElse(1);
    }

    /** A list or mapping whose end has not been seen. */
    private static final class Open {
        private final CollectionStartEvent start;
        private final int line;
        private final int column;
        private final List<YamlNode> items = new ArrayList<>();
        private final List<YamlNode.Entry> entries = new ArrayList<>();
        private YamlNode.@Nullable Scalar key;

        private Open(CollectionStartEvent start, int line, int column) {
            this.start = start;
            this.line = line;
            this.column = column;
        }

        private boolean isSequence() {
            return start.getEventId() == Event.ID.SequenceStart;
        }

        private YamlNode node() {
            return isSequence()
                    ? new YamlNode.Sequence(List.copyOf(items), line, column)
                    : new YamlNode.Mapping(List.copyOf(entries), line, column);
        }
    }
}
