package dev.clew.faults.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Names writes by what they are about. It outlives the operators, so that what it learned of one names the next one's writes. */
public final class Naming {
    private final Map<String, String> attempts = new ConcurrentHashMap<>();
    private final Map<String, Integer> occurrences = new ConcurrentHashMap<>();

    /** Names the write, and counts it. */
    public Write name(String method, Target target, JsonNode body) {
        String about = about(method, target, body);
        int occurrence = occurrences.merge(target.namespace() + "/" + about, 1, Integer::sum);
        return new Write(target.namespace(), about, occurrence);
    }

    private String about(String method, Target target, JsonNode body) {
        return switch (target.resource()) {
            case "pods" -> pod(method, target, body);
            case "workflowruns" -> run(method, target, body);
            case "workflows" -> "workflow " + target.subresource();
            case "events" -> "event " + body.path("reason").asText();
            case "controllerrevisions" -> verb(method) + " revision";
            case "leases" -> verb(method) + " lease";
            default -> verb(method) + " " + target.resource() + " " + target.name();
        };
    }

    private String pod(String method, Target target, JsonNode body) {
        if (method.equals("POST")) {
            String attempt = attempt(body);
            String name = body.path("metadata").path("name").asText();
            attempts.put(target.namespace() + "/" + name, attempt);
            return (isReservation(body) ? "reserve " : "create ") + attempt;
        }
        String attempt = attempts.getOrDefault(target.namespace() + "/" + target.name(), "pod " + target.name());
        return (method.equals("PATCH") ? "release " : verb(method) + " ") + attempt;
    }

    private static String run(String method, Target target, JsonNode body) {
        if (target.subresource().equals("status")) {
            return "status";
        }
        if (!method.equals("PATCH")) {
            return verb(method) + " run";
        }
        for (JsonNode operation : body) {
            if (operation.path("path").asText().startsWith("/metadata/finalizers")) {
                return operation.path("op").asText().equals("remove") ? "finalizer off" : "finalizer on";
            }
        }
        return "patch run";
    }

    /** "charge 1" or "undo charge 1", of the pod of an attempt; else its name. */
    public static String attempt(JsonNode pod) {
        String annotation = pod.path("metadata")
                .path("annotations")
                .path("clew.dev/attempt")
                .asText();
        String[] parts = annotation.split("/", -1);
        if (parts.length != 4) {
            return "pod " + pod.path("metadata").path("name").asText();
        }
        return (parts[2].startsWith("Comp") ? "undo " : "") + parts[1] + " " + parts[3];
    }

    /** Whether a pod only takes a name. */
    public static boolean isReservation(JsonNode pod) {
        return pod.path("metadata").path("annotations").has("clew.dev/reservation");
    }

    private static String verb(String method) {
        return switch (method) {
            case "POST" -> "create";
            case "PUT" -> "update";
            case "DELETE" -> "delete";
            default -> "patch";
        };
    }
}
