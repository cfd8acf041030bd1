/** The development cluster on the command line. */
@NullMarked
package dev.clew.devcluster.cli;

import org.jspecify.annotations.NullMarked;
