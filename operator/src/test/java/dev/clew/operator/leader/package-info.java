@NullMarked
package dev.clew.operator.leader;

import org.jspecify.annotations.NullMarked;
