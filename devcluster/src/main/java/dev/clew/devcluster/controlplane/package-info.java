/** etcd, kube-apiserver and kube-controller-manager as child processes. */
@NullMarked
package dev.clew.devcluster.controlplane;

import org.jspecify.annotations.NullMarked;
