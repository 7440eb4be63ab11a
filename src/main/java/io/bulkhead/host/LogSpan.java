package io.bulkhead.host;

/** What one run wrote: from one place of its log to another. */
record LogSpan(LogPlace from, LogPlace end) {}
