package dev.clew.engine.pod;

/**
 * The run that a pod is made for.
 *
 * @param deleting whether it is being deleted
 * @param idempotencyKey what the idempotency keys of its attempts begin with
 */
public record PodOwner(String namespace, String name, String uid, boolean deleting, String idempotencyKey) {}
