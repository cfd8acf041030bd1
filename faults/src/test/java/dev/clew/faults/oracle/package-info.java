@NullMarked
package dev.clew.faults.oracle;

import org.jspecify.annotations.NullMarked;
