/** JSON to and from plain values: one reader, one writer, for every room. */
@NullMarked
package io.bulkhead.json;

import org.jspecify.annotations.NullMarked;
