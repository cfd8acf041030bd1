/** A real control plane, and a kubelet that runs a pod's containers as local processes. */
@NullMarked
package dev.clew.devcluster;

import org.jspecify.annotations.NullMarked;
