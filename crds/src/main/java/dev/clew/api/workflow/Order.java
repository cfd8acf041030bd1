package dev.clew.api.workflow;

/** How the steps of a workflow follow each other. */
public enum Order {
    /** Each step follows the one above it. */
    Sequential,
    /** A step starts once all steps in its {@code dependsOn} are done; without one it starts at once. */
    Graph
}
