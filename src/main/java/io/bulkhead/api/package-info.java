/** HTTP on the control socket, and the JSON that goes over it. */
@NullMarked
package io.bulkhead.api;

import org.jspecify.annotations.NullMarked;
