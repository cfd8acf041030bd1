/** What a workflow is: parameters, steps, their compensations and limits. */
@NullMarked
package dev.clew.api.workflow;

import org.jspecify.annotations.NullMarked;
