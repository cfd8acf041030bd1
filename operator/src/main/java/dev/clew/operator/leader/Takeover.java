package dev.clew.operator.leader;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.ResourceAction;
import io.javaoperatorsdk.operator.processing.event.source.controller.ResourceEvent;
import java.util.Set;

/**
 * Has everything looked at once this process leads. A standby watches and does nothing; what it saw meanwhile nobody would
 * look at again. (JOSDK's own leader election does the same, but takes the Lease as old as its holder's clock says.)
 */
public final class Takeover<R extends HasMetadata> extends AbstractEventSource<R, R> {
    private final IndexerResourceCache<R> all;

    /** Of the resources of a controller. */
    public Takeover(Class<R> type, IndexerResourceCache<R> all) {
        super(type, "takeover");
        this.all = all;
    }

    /** This process leads from now on. */
    public void begin() {
        all.list()
                .forEach(resource -> getEventHandler()
                        .handleEvent(
                                new ResourceEvent(ResourceAction.ADDED, ResourceID.fromResource(resource), resource)));
    }

    @Override
    public Set<R> getSecondaryResources(R primary) {
        return Set.of();
    }
}
