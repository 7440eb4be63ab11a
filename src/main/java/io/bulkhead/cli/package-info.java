/** Commands, tables and live views; talks to the daemon through the api only. */
@NullMarked
package io.bulkhead.cli;

import org.jspecify.annotations.NullMarked;
