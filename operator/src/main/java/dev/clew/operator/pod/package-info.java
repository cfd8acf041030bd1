/** Pods: the cache of them, and the only class that creates, stops and releases them. */
@NullMarked
package dev.clew.operator.pod;

import org.jspecify.annotations.NullMarked;
