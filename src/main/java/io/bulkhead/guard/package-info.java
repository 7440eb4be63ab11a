/** Questions asked of the world, each a small class that returns findings: before an app starts, and while it runs. */
@NullMarked
package io.bulkhead.guard;

import org.jspecify.annotations.NullMarked;
