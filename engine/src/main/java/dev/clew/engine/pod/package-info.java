/** Attempts as pods: their names, how they are rendered, and what a pod proves about its attempt. */
@NullMarked
package dev.clew.engine.pod;

import org.jspecify.annotations.NullMarked;
