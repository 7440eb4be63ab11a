package io.bulkhead.api;

import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** A streamed answer that begins with its first byte or flush: until then an error can be answered instead. */
final class LateStream extends OutputStream {

    private final HttpResponse response;
    private final String type;
    private @Nullable OutputStream out;

    LateStream(HttpResponse response, String type) {
        this.response = response;
        this.type = type;
    }

    OutputStream begin() throws IOException {
        OutputStream stream = out;
        if (stream == null) {
            stream = response.stream(200, type);
            out = stream;
        }
        return stream;
    }

    @Override
    public void write(int b) throws IOException {
        begin().write(b);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        begin().write(bytes, from, length);
    }

    @Override
    public void flush() throws IOException {
        begin().flush();
    }
}
