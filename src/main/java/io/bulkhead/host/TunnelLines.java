package io.bulkhead.host;

import io.bulkhead.core.AppView;
import io.bulkhead.core.InstanceView;
import io.bulkhead.json.Json;
import io.bulkhead.spec.TunnelSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the command that opened a tunnel reads while it waits, one JSON object a line. */
final class TunnelLines {

    private TunnelLines() {}

    static Map<String, @Nullable Object> up(AppView view) {
        TunnelSpec tunnel = view.spec().tunnel().orElseThrow();
        InstanceView instance = view.instances().getFirst();
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("name", view.name());
        line.put(
                "message",
                tunnel.forward().place() + " leads to " + tunnel.forward().target() + " through "
                        + tunnel.via().text());
        line.put("pid", instance.pid().isPresent() ? instance.pid().getAsInt() : null);
        line.put("started", instance.started().isPresent() ? instance.started().getAsLong() : null);
        return line;
    }

    static void write(OutputStream out, Map<String, @Nullable Object> line) throws IOException {
        out.write((Json.write(line) + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
