package dev.clew.faults.proxy;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A write that an operator sent.
 *
 * @param gate through which it came
 * @param write its name
 * @param method of HTTP
 * @param target what it was sent to
 * @param body what was sent
 * @param arrived when it came, by {@link System#nanoTime}
 * @param code what the API server answered; 0 if it was not forwarded, or not answered
 */
public record Sent(String gate, Write write, String method, Target target, JsonNode body, long arrived, int code) {
    /** Whether the API server carried it out. */
    public boolean succeeded() {
        return code >= 200 && code < 300;
    }
}
