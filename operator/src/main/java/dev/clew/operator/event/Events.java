package dev.clew.operator.event;

import dev.clew.api.Workflow;
import dev.clew.operator.leader.NotLeadingException;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes Kubernetes events, beside the work: a lost one is no harm. */
public final class Events {
    private static final Logger LOG = LoggerFactory.getLogger(Events.class);

    /** In bytes: the API server counts them. */
    private static final int LONGEST_NOTE = 1024;

    /** The API server accepts exactly six digits. */
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private final KubernetesClient client;
    private final ExecutorService threads;

    /** Several may be told in the same millisecond. */
    private final AtomicLong number = new AtomicLong();

    /** Events that are sent on threads of their own. */
    public Events(KubernetesClient client, ExecutorService threads) {
        this.client = client;
        this.threads = threads;
    }

    /**
     * Tells something.
     *
     * @param about a Workflow or a WorkflowRun
     * @param reason one word in CamelCase
     * @param message cut to what an event can hold
     */
    public void tell(ObjectReference about, boolean warning, String reason, String message, Instant now) {
        Event event = event(about, warning, reason, message, now);
        threads.execute(() -> {
            try {
                client.resource(event).create();
            } catch (KubernetesClientException | NotLeadingException e) {
                LOG.warn(
                        "could not write the event {} of {}/{}: {}",
                        reason,
                        about.getNamespace(),
                        about.getName(),
                        e.getMessage());
            }
        });
    }

    /** A reference to an object of Clew's kinds. */
    public static ObjectReference reference(String kind, String namespace, String name, String uid) {
        return new ObjectReferenceBuilder()
                .withApiVersion(Workflow.GROUP + "/" + Workflow.VERSION)
                .withKind(kind)
                .withNamespace(namespace)
                .withName(name)
                .withUid(uid)
                .build();
    }

    private Event event(ObjectReference about, boolean warning, String reason, String message, Instant now) {
        return new EventBuilder()
                .withNewMetadata()
                .withNamespace(about.getNamespace())
                .withName(about.getName() + "." + Long.toHexString(now.toEpochMilli()) + "."
                        + Long.toHexString(number.incrementAndGet()))
                .endMetadata()
                .withEventTime(new MicroTime(MICROS.format(now)))
                .withType(warning ? "Warning" : "Normal")
                .withReason(reason)
                .withAction("Reconcile")
                .withNote(cut(message))
                .withReportingController("clew.dev/operator")
                .withReportingInstance("clew")
                .withRegarding(about)
                .build();
    }

    private static String cut(String note) {
        int end = note.length();
        while (note.substring(0, end).getBytes(StandardCharsets.UTF_8).length > LONGEST_NOTE) {
            end--;
        }
        return note.substring(0, end);
    }
}
