@NullMarked
package dev.clew.devcluster.kubelet;

import org.jspecify.annotations.NullMarked;
