/** The loop that carries the decisions of core out, with one class per kind of effect. */
@NullMarked
package io.bulkhead.host;

import org.jspecify.annotations.NullMarked;
