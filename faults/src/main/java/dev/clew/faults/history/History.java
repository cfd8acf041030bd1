package dev.clew.faults.history;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.clew.faults.proxy.Sent;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All that happened in one namespace.
 *
 * @param versions of all objects, in the order of their revisions
 * @param effects what containers entered, in order
 * @param sent what operators sent, in the order of arrival
 */
public record History(List<Version> versions, List<Effect> effects, List<Sent> sent) {
    public History {
        versions = versions.stream()
                .sorted(Comparator.comparingLong(Version::revision))
                .toList();
        effects = List.copyOf(effects);
        sent = sent.stream().sorted(Comparator.comparingLong(Sent::arrived)).toList();
    }

    /** The same without what is about other runs than this one. */
    public History of(String run) {
        return new History(
                versions.stream()
                        .filter(version -> version.resource().equals("workflowruns")
                                ? version.name().equals(run)
                                : !version.resource().equals("pods")
                                        || run.equals(version.metadata()
                                                .path("labels")
                                                .path("clew.dev/run")
                                                .asText()))
                        .toList(),
                effects.stream().filter(effect -> effect.run().equals(run)).toList(),
                sent);
    }

    /** The same without one pod, and without what it did. */
    public History without(String podUid) {
        return new History(
                versions.stream()
                        .filter(version -> !version.uid().equals(podUid))
                        .toList(),
                effects.stream().filter(effect -> !effect.pod().equals(podUid)).toList(),
                sent);
    }

    public Stream<Version> runs() {
        return versions.stream().filter(version -> version.resource().equals("workflowruns"));
    }

    /** The pods of attempts: all versions of each, by UID. */
    public Map<String, List<Version>> pods() {
        return versions.stream()
                .filter(version ->
                        version.resource().equals("pods") && !version.attempt().isEmpty())
                .collect(Collectors.groupingBy(Version::uid));
    }

    /** The last status of the run. */
    public JsonNode lastStatus() {
        return runs().reduce((first, second) -> second)
                .map(version -> version.object().path("status"))
                .orElse(MissingNode.getInstance());
    }

    /** In lines, for people. */
    public String print() {
        var text = new StringBuilder();
        for (Version version : versions) {
            text.append(version.revision())
                    .append(' ')
                    .append(version.resource())
                    .append('/')
                    .append(version.name())
                    .append(version.deleted() ? " DELETED " : " ")
                    .append(version.object().path("status").path("phase").asText())
                    .append(version.isReservation() ? " reservation" : "")
                    .append(version.terminated() ? " terminated" : version.started() ? " started" : "")
                    .append(' ')
                    .append(version.metadata().path("finalizers"))
                    .append(' ')
                    .append(version.resource().equals("workflowruns") ? attempts(version) : "")
                    .append('\n');
        }
        effects.forEach(effect -> text.append(effect).append('\n'));
        for (Sent write : sent) {
            text.append(write.gate())
                    .append(": ")
                    .append(write.write().name())
                    .append(" -> ")
                    .append(write.code())
                    .append('\n');
        }
        return text.toString();
    }

    private static String attempts(Version run) {
        return Attempts.in(run.object().path("status")).stream()
                .map(attempt -> attempt.what() + "=" + attempt.state())
                .collect(Collectors.joining(", "));
    }
}
