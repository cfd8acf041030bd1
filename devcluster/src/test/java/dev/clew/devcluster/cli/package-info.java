@NullMarked
package dev.clew.devcluster.cli;

import org.jspecify.annotations.NullMarked;
