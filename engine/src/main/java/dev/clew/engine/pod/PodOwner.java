package dev.clew.engine.pod;

/**
 * The run that a pod is made for.
 *
 * @param deleting whether it is being deleted
 */
public record PodOwner(String namespace, String name, String uid, boolean deleting) {}
