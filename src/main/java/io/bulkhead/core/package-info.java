/** Every decision, and nothing else: state and event go in, new state and effects come out. No clock, thread, file or socket. */
@NullMarked
package io.bulkhead.core;

import org.jspecify.annotations.NullMarked;
