/** Between an operator and the API server: knows what each write is about, and disturbs those that a plan names. */
@NullMarked
package dev.clew.faults.proxy;

import org.jspecify.annotations.NullMarked;
