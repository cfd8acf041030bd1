package dev.clew.operator.config;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the operator is told, once, at its start. Each setting comes from an environment variable, else from the file
 * that {@code CLEW_CONFIG} names (YAML, the same names as keys), else from its default.
 *
 * @param namespaces {@code CLEW_NAMESPACES}: namespaces to watch, separated by commas; empty means all
 * @param port {@code CLEW_PORT}: port of {@code /healthz}, {@code /readyz} and {@code /metrics}, 0 to 65535, 0 for any
 *     free one; default 8080
 * @param requestTimeout {@code CLEW_REQUEST_TIMEOUT_SECONDS}: after it the client gives a request up; 1 to 300 s, default
 *     10 s
 * @param apiServerTimeout {@code CLEW_API_SERVER_TIMEOUT_SECONDS}: after it the API server gives a request up (its
 *     {@code --request-timeout}); 1 to 3600 s, default 60 s
 * @param maxRequests {@code CLEW_MAX_REQUESTS}: most requests about runs and their pods at the same time (watches, events
 *     and requests about workflows come on top), 1 to 1000; default 64
 * @param logLevel {@code CLEW_LOG_LEVEL}: error, warn, info, debug or trace; default info
 * @param election how one of several processes is chosen to act; null without {@code CLEW_LEADER_ELECTION} (true or false;
 *     default true): then there must be no other
 */
public record OperatorConfig(
        Set<String> namespaces,
        int port,
        Duration requestTimeout,
        Duration apiServerTimeout,
        int maxRequests,
        String logLevel,
        @Nullable Election election) {
    private static final List<String> LEVELS = List.of("error", "warn", "info", "debug", "trace");
    private static final Set<String> KEYS = new TreeSet<>(Set.of(
            "CLEW_NAMESPACES",
            "CLEW_PORT",
            "CLEW_REQUEST_TIMEOUT_SECONDS",
            "CLEW_API_SERVER_TIMEOUT_SECONDS",
            "CLEW_MAX_REQUESTS",
            "CLEW_LOG_LEVEL",
            "CLEW_LEADER_ELECTION",
            "CLEW_LEASE_NAMESPACE",
            "CLEW_LEASE_NAME",
            "CLEW_LEASE_SECONDS",
            "CLEW_RENEW_DEADLINE_SECONDS",
            "CLEW_POD_UID"));

    /**
     * How one of several processes is chosen to act: it holds a Lease.
     *
     * @param namespace {@code CLEW_LEASE_NAMESPACE}: of the Lease; null: that of the process
     * @param name {@code CLEW_LEASE_NAME}: of the Lease; default clew
     * @param lease {@code CLEW_LEASE_SECONDS}: so long after its last renewal another process waits before it takes the Lease;
     *     2 to 300 s, default 15 s
     * @param renewDeadline {@code CLEW_RENEW_DEADLINE_SECONDS}: so long after its last renewal the holder still writes; it
     *     renews five times as often; 1 to 299 s and less than the Lease lasts, default 10 s
     * @param podUid {@code CLEW_POD_UID}: with what its identity begins; default the host's name
     */
    public record Election(
            @Nullable String namespace, String name, Duration lease, Duration renewDeadline, String podUid) {}

    public OperatorConfig {
        namespaces = Set.copyOf(namespaces);
    }

    /** A setting that cannot be used; the message names it and what would be right. */
    public static final class InvalidConfigException extends RuntimeException {
        InvalidConfigException(String message) {
            super(message);
        }
    }

    /** The longest time that a request can be on its way. */
    public Duration maxInFlight() {
        return requestTimeout.plus(apiServerTimeout);
    }

    /**
     * Reads the configuration.
     *
     * @throws InvalidConfigException if a setting cannot be used
     */
    public static OperatorConfig read(Map<String, String> environment) {
        Map<String, String> settings = new HashMap<>(file(environment.get("CLEW_CONFIG")));
        KEYS.stream().filter(environment::containsKey).forEach(key -> settings.put(key, environment.get(key)));
        String level = settings.getOrDefault("CLEW_LOG_LEVEL", "info").toLowerCase(Locale.ROOT);
        if (!LEVELS.contains(level)) {
            throw new InvalidConfigException("CLEW_LOG_LEVEL must be one of " + LEVELS + ", not " + level);
        }
        return new OperatorConfig(
                Arrays.stream(settings.getOrDefault("CLEW_NAMESPACES", "").split(","))
                        .map(String::strip)
                        .filter(name -> !name.isEmpty())
                        .collect(Collectors.toSet()),
                number(settings, "CLEW_PORT", 8080, 0, 65535),
                Duration.ofSeconds(number(settings, "CLEW_REQUEST_TIMEOUT_SECONDS", 10, 1, 300)),
                Duration.ofSeconds(number(settings, "CLEW_API_SERVER_TIMEOUT_SECONDS", 60, 1, 3600)),
                number(settings, "CLEW_MAX_REQUESTS", 64, 1, 1000),
                level,
                election(settings, environment.getOrDefault("HOSTNAME", "local")));
    }

    private static @Nullable Election election(Map<String, String> settings, String host) {
        String whether = settings.getOrDefault("CLEW_LEADER_ELECTION", "true");
        if (!whether.equals("true") && !whether.equals("false")) {
            throw new InvalidConfigException("CLEW_LEADER_ELECTION must be true or false, not " + whether);
        }
        int lease = number(settings, "CLEW_LEASE_SECONDS", 15, 2, 300);
        int renewDeadline = number(settings, "CLEW_RENEW_DEADLINE_SECONDS", 10, 1, 299);
        if (renewDeadline >= lease) {
            throw new InvalidConfigException(
                    "CLEW_RENEW_DEADLINE_SECONDS must be less than CLEW_LEASE_SECONDS, which is " + lease + ", not "
                            + renewDeadline);
        }
        return whether.equals("false")
                ? null
                : new Election(
                        settings.get("CLEW_LEASE_NAMESPACE"),
                        settings.getOrDefault("CLEW_LEASE_NAME", "clew"),
                        Duration.ofSeconds(lease),
                        Duration.ofSeconds(renewDeadline),
                        settings.getOrDefault("CLEW_POD_UID", host));
    }

    private static Map<String, String> file(@Nullable String name) {
        if (name == null || name.isEmpty()) {
            return Map.of();
        }
        try {
            Map<String, String> settings = Objects.requireNonNullElse(
                    new YAMLMapper()
                            .readValue(Files.readString(Path.of(name)), new TypeReference<Map<String, String>>() {}),
                    Map.of());
            for (String key : settings.keySet()) {
                if (!KEYS.contains(key)) {
                    throw new InvalidConfigException("CLEW_CONFIG: " + name + " has an unknown key " + key
                            + "; the keys are " + String.join(", ", KEYS));
                }
            }
            return settings;
        } catch (JacksonException e) {
            throw new InvalidConfigException(
                    "CLEW_CONFIG: " + name + " must be a YAML map of settings: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new InvalidConfigException("CLEW_CONFIG: cannot read " + name + ": " + e.getMessage());
        }
    }

    private static int number(Map<String, String> settings, String key, int otherwise, int least, int most) {
        String text = settings.getOrDefault(key, Integer.toString(otherwise)).strip();
        try {
            int value = Integer.parseInt(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new InvalidConfigException(
                key + " must be a whole number from " + least + " to " + most + ", not " + text);
    }

    /** The settings by name, as they are in force. */
    public Map<String, String> effective() {
        Map<String, String> settings = new TreeMap<>();
        settings.put("CLEW_NAMESPACES", namespaces.isEmpty() ? "all" : String.join(",", new TreeSet<>(namespaces)));
        settings.put("CLEW_PORT", Integer.toString(port));
        settings.put("CLEW_REQUEST_TIMEOUT_SECONDS", Long.toString(requestTimeout.toSeconds()));
        settings.put("CLEW_API_SERVER_TIMEOUT_SECONDS", Long.toString(apiServerTimeout.toSeconds()));
        settings.put("CLEW_MAX_REQUESTS", Integer.toString(maxRequests));
        settings.put("CLEW_LOG_LEVEL", logLevel);
        settings.put("CLEW_LEADER_ELECTION", Boolean.toString(election != null));
        if (election != null) {
            settings.put("CLEW_LEASE_NAMESPACE", Objects.requireNonNullElse(election.namespace(), "the process's own"));
            settings.put("CLEW_LEASE_NAME", election.name());
            settings.put("CLEW_LEASE_SECONDS", Long.toString(election.lease().toSeconds()));
            settings.put(
                    "CLEW_RENEW_DEADLINE_SECONDS",
                    Long.toString(election.renewDeadline().toSeconds()));
        }
        return settings;
    }
}
