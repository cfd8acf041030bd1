/** Keeps pages true to the code. */
@NullMarked
package dev.clew.engine.docs;

import org.jspecify.annotations.NullMarked;
