/** What the process is told. */
@NullMarked
package dev.clew.operator.config;

import org.jspecify.annotations.NullMarked;
