package dev.clew.devcluster.kubelet;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Every version of one pod that a watch delivers. */
final class PodHistory implements AutoCloseable {
    private final List<Pod> versions = new CopyOnWriteArrayList<>();
    private final Watch watch;

    PodHistory(KubernetesClient client, String namespace, String name) {
        this.watch = client.pods().inNamespace(namespace).withName(name).watch(new Watcher<>() {
            @Override
            public void eventReceived(Action action, Pod pod) {
                versions.add(pod);
            }

            @Override
            public void onClose(WatcherException cause) {
                // the test fails by what it does not see
            }
        });
    }

    List<Pod> versions() {
        return List.copyOf(versions);
    }

    Pod latest() {
        return versions.getLast();
    }

    boolean isEmpty() {
        return versions.isEmpty();
    }

    /** The coarse outlines of these statuses, each only once in a row, without those in which something runs. */
    static List<String> way(List<NormalStatus> statuses) {
        List<String> way = new ArrayList<>();
        for (NormalStatus status : statuses) {
            String outline = status.coarseOutline();
            if (!outline.contains("running") && (way.isEmpty() || !way.getLast().equals(outline))) {
                way.add(outline);
            }
        }
        return way;
    }

    List<NormalStatus> statuses() {
        return versions().stream().map(NormalStatus::of).toList();
    }

    @Override
    public void close() {
        watch.close();
    }
}
