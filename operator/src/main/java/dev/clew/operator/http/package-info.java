/** How the client's connections are. */
@NullMarked
package dev.clew.operator.http;

import org.jspecify.annotations.NullMarked;
