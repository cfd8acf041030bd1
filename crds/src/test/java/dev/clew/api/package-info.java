@NullMarked
package dev.clew.api;

import org.jspecify.annotations.NullMarked;
