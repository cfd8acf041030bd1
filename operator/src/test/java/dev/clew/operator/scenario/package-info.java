/** Scenarios on a real API server: what a user can see. */
package dev.clew.operator.scenario;
