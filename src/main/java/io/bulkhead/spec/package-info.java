/** What the user wrote: files turned into immutable records, and every problem in them with its place. */
@NullMarked
package io.bulkhead.spec;

import org.jspecify.annotations.NullMarked;
