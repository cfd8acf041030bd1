@NullMarked
package dev.clew.faults.plan;

import org.jspecify.annotations.NullMarked;
