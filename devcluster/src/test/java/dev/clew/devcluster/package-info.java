@NullMarked
package dev.clew.devcluster;

import org.jspecify.annotations.NullMarked;
