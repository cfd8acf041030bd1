@NullMarked
package dev.clew.devcluster.process;

import org.jspecify.annotations.NullMarked;
