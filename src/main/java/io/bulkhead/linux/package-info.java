/** The kernel, one small class per facility. The only package that sees native memory, /proc and /sys. */
@NullMarked
package io.bulkhead.linux;

import org.jspecify.annotations.NullMarked;
