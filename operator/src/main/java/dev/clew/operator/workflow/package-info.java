/** Workflows: their validation and their revisions. */
@NullMarked
package dev.clew.operator.workflow;

import org.jspecify.annotations.NullMarked;
