/** A kubelet whose containers are local processes or scripted outcomes. */
@NullMarked
package dev.clew.devcluster.kubelet;

import org.jspecify.annotations.NullMarked;
