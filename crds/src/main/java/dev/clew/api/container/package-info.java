/** The typed subset of a Kubernetes container that a step may use. */
@NullMarked
package dev.clew.api.container;

import org.jspecify.annotations.NullMarked;
