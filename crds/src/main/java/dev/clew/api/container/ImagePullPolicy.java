package dev.clew.api.container;

/** When the image is pulled. */
public enum ImagePullPolicy {
    /** Each time. */
    Always,
    /** Only if the node does not have it. */
    IfNotPresent,
    /** Never: the node must have it. */
    Never
}
