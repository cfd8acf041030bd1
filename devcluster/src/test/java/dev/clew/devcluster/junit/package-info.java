@NullMarked
package dev.clew.devcluster.junit;

import org.jspecify.annotations.NullMarked;
