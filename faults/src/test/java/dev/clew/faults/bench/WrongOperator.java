package dev.clew.faults.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.clew.faults.proxy.Director;
import dev.clew.faults.proxy.Fault;
import dev.clew.faults.proxy.Target;
import dev.clew.faults.proxy.Watching;
import dev.clew.faults.proxy.Write;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** An operator that breaks a rule, the plan that tells, and the guarantee that it violates in it. */
enum WrongOperator {
    /** Writes status whatever the version is by now. What it overwrites while the run goes on it finds out again: so, after the end. */
    NO_COMPARE_AND_SWAP("saga/status 3/kill-and-arrive-late", "end") {
        @Override
        void distort(Write write, JsonNode body) {
            if (write.about().equals("status")) {
                ((ArrayNode) body).remove(0);
            }
        }

        @Override
        int lateSeconds() {
            return 20;
        }

        @Override
        Duration patience() {
            return LONG;
        }
    },
    /** Gives each pod another name, so that a repeated create makes another pod; of eight, or it would make hundreds. */
    RANDOM_POD_NAMES("saga/create reserve 1/kill-after", "G1") {
        @Override
        void distort(Write write, JsonNode body) {
            if (write.about().startsWith("create ")
                    && body.path("kind").asText().equals("Pod")) {
                ObjectNode metadata = (ObjectNode) body.path("metadata");
                metadata.put(
                        "name",
                        metadata.path("name").asText()
                                + ThreadLocalRandom.current().nextInt(8));
            }
        }
    },
    /** Does not hold its pods. */
    PODS_WITHOUT_FINALIZER("saga/status 3/kill-before", "G2") {
        @Override
        void distort(Write write, JsonNode body) {
            if (body.path("kind").asText().equals("Pod")) {
                ((ObjectNode) body.path("metadata")).remove("finalizers");
            }
        }
    },
    /** Writes a label on the run that it works on. */
    WRITES_LABELS("saga/finalizer on/409", "G7") {
        @Override
        void distort(Write write, JsonNode body) {
            if (write.about().equals("finalizer on")) {
                ((ArrayNode) body)
                        .addObject()
                        .put("op", "add")
                        .put("path", "/metadata/labels/touched")
                        .put("value", "yes");
            }
        }
    },
    /** Creates pods that it has not claimed: what it claims has another name. */
    CLAIMS_ANOTHER_NAME("saga/create reserve 1/kill-before", "G2") {
        @Override
        void distort(Write write, JsonNode body) {
            if (write.about().equals("status")) {
                body.findParents("pod").forEach(attempt -> {
                    if (attempt.path("state").asText().equals("Claimed")) {
                        ((ObjectNode) attempt.path("pod")).put("name", "other");
                    }
                });
            }
        }
    },
    /** Reserves another name than the one that it claimed, so that a create that comes later makes a pod. */
    RESERVES_ANOTHER_NAME("cancel/create charge 1/turned-back-create-arrives-after-reservation", "G4") {
        @Override
        void distort(Write write, JsonNode body) {
            if (write.about().startsWith("reserve ")) {
                ObjectNode metadata = (ObjectNode) body.path("metadata");
                metadata.put("name", metadata.path("name").asText() + "x");
            }
        }
    },
    /** Never lets go of a pod. */
    NEVER_RELEASES("success/status 3/409", "G6") {
        @Override
        void distort(Write write, JsonNode body) {
            if (write.about().startsWith("release ")) {
                ((ArrayNode) body).removeAll();
            }
        }
    },
    /** Releases pods before every create of their name must have arrived: it is told that this takes 2 s, when it can take 22. */
    IMPATIENT("deletion/create charge 1/kill-and-arrive-late", "G1") {
        @Override
        Map<String, String> settings() {
            return Map.of("CLEW_API_SERVER_TIMEOUT_SECONDS", "1");
        }

        @Override
        int lateSeconds() {
            return 15;
        }

        @Override
        Duration patience() {
            return LONG;
        }
    };

    private static final Duration LONG = Duration.ofSeconds(90);
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final String plan;
    private final String guarantee;

    WrongOperator(String plan, String guarantee) {
        this.plan = plan;
        this.guarantee = guarantee;
    }

    /** What must be found. */
    String guarantee() {
        return guarantee;
    }

    /** The name of the plan that catches it. */
    String plan() {
        return plan;
    }

    void distort(Write write, JsonNode body) {
        // its requests are right
    }

    Map<String, String> settings() {
        return Map.of();
    }

    int lateSeconds() {
        return 1;
    }

    /** Most never come to an end. */
    Duration patience() {
        return Duration.ofSeconds(25);
    }

    Operators.Kind kind() {
        return new Operators.Kind(director -> new Distortion(this, director), settings(), lateSeconds(), patience());
    }

    private record Distortion(WrongOperator wrong, Director director) implements Director {
        @Override
        public Fault onWrite(Write write, int nth) {
            return director.onWrite(write, nth);
        }

        @Override
        public Watching onWatch(Target target, int nth) {
            return director.onWatch(target, nth);
        }

        @Override
        public boolean refusesWatch(Target target, int nth) {
            return director.refusesWatch(target, nth);
        }

        @Override
        public void disturbed(Target target) {
            director.disturbed(target);
        }

        @Override
        public void listedAsOf(Target target, int code) {
            director.listedAsOf(target, code);
        }

        @Override
        public Optional<String> listAsOf(Target target, int nth) {
            return director.listAsOf(target, nth);
        }

        @Override
        public String rewrite(Write write, String body) {
            try {
                JsonNode json = MAPPER.readTree(body);
                wrong.distort(write, json);
                return json.toString();
            } catch (JsonProcessingException e) {
                return body;
            }
        }
    }
}
