/** Settings that all pods of a workflow share. */
@NullMarked
package dev.clew.api.pod;

import org.jspecify.annotations.NullMarked;
