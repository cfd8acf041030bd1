/** Which step comes before which. */
@NullMarked
package dev.clew.engine.graph;

import org.jspecify.annotations.NullMarked;
