package dev.clew.faults.proxy;

import java.util.Arrays;
import java.util.List;

/**
 * What a request is about, read off its path.
 *
 * @param namespace empty for a resource of the cluster, or of all namespaces
 * @param resource plural, such as pods
 * @param name empty for a collection
 * @param subresource empty if there is none
 */
public record Target(String namespace, String resource, String name, String subresource) {
    /** Reads {@code /api/v1/namespaces/NS/pods/NAME/status} and the like; anything else is a resource of its own name. */
    public static Target of(String path) {
        List<String> parts = Arrays.stream(path.split("/", -1))
                .filter(part -> !part.isEmpty())
                .toList();
        int head = path.startsWith("/api/") ? 2 : path.startsWith("/apis/") ? 3 : 0;
        List<String> rest = parts.size() <= head ? List.of() : parts.subList(head, parts.size());
        String namespace = "";
        if (rest.size() > 2 && rest.getFirst().equals("namespaces")) {
            namespace = rest.get(1);
            rest = rest.subList(2, rest.size());
        }
        return new Target(namespace, part(rest, 0), part(rest, 1), part(rest, 2));
    }

    private static String part(List<String> parts, int index) {
        return index < parts.size() ? parts.get(index) : "";
    }
}
