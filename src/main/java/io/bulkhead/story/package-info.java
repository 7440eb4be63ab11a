/** What happened: the durable history of events and incidents, and the words that explain them. */
@NullMarked
package io.bulkhead.story;

import org.jspecify.annotations.NullMarked;
