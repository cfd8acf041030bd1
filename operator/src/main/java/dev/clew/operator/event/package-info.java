/** What people are told through Kubernetes events. */
@NullMarked
package dev.clew.operator.event;

import org.jspecify.annotations.NullMarked;
