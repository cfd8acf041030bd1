package dev.clew.faults.plan;

/** What may befall the API server. */
public enum ServerFault {
    /** It is killed and started again. */
    API_SERVER_RESTARTED("api-server-restarted"),
    /** Its etcd stands still for 6 s. */
    ETCD_PAUSED("etcd-paused");

    private final String label;

    ServerFault(String label) {
        this.label = label;
    }

    /** Its name in the names of plans. */
    public String label() {
        return label;
    }
}
