/** The two kinds that people apply: {@link dev.clew.api.Workflow} and {@link dev.clew.api.WorkflowRun}. */
@NullMarked
package dev.clew.api;

import org.jspecify.annotations.NullMarked;
