package dev.clew.operator.run;

import dev.clew.api.Workflow;
import dev.clew.engine.protocol.Cluster.Telling;
import dev.clew.engine.run.RunView;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes Kubernetes events about runs, beside the work: a lost one is no harm. */
final class RunEvents {
    private static final Logger LOG = LoggerFactory.getLogger(RunEvents.class);
    /** In bytes: the API server counts them. */
    private static final int LONGEST_NOTE = 1024;

    /** The API server accepts exactly six digits. */
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private final KubernetesClient client;
    private final ExecutorService threads;

    RunEvents(KubernetesClient client, ExecutorService threads) {
        this.client = client;
        this.threads = threads;
    }

    void tell(RunView run, Telling telling, Instant now) {
        Event event = event(run, telling, now);
        threads.execute(() -> {
            try {
                client.resource(event).create();
            } catch (KubernetesClientException e) {
                LOG.warn(
                        "could not write the event {} of {}/{}: {}",
                        telling.reason(),
                        run.namespace(),
                        run.name(),
                        e.getMessage());
            }
        });
    }

    private static Event event(RunView run, Telling telling, Instant now) {
        String note = telling.message();
        return new EventBuilder()
                .withNewMetadata()
                .withNamespace(run.namespace())
                .withName(run.name() + "." + Long.toHexString(now.toEpochMilli()) + "."
                        + telling.reason().toLowerCase(Locale.ROOT))
                .endMetadata()
                .withEventTime(new MicroTime(MICROS.format(now)))
                .withType(telling.warning() ? "Warning" : "Normal")
                .withReason(telling.reason())
                .withAction("Run")
                .withNote(cut(note))
                .withReportingController("clew.dev/operator")
                .withReportingInstance("clew")
                .withNewRegarding()
                .withApiVersion(Workflow.GROUP + "/" + Workflow.VERSION)
                .withKind("WorkflowRun")
                .withNamespace(run.namespace())
                .withName(run.name())
                .withUid(run.uid())
                .withResourceVersion(run.resourceVersion())
                .endRegarding()
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
