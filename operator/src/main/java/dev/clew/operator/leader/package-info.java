/** Which of several processes acts: the one that holds the Lease, and as long as it surely does. */
@NullMarked
package dev.clew.operator.leader;

import org.jspecify.annotations.NullMarked;
