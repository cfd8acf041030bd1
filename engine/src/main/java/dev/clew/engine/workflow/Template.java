package dev.clew.engine.workflow;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A string with references, in the grammar of the kubelet's own expansion (k8s.io/kubernetes/third_party/forked/golang/
 * expansion): {@code $$} is a literal {@code $}, {@code $(NAME)} a reference, any other {@code $} stands for itself.
 * Only {@code $(params.…)} and {@code $(steps.…)} are Clew's; all else is left as it stands for the kubelet.
 */
public record Template(List<Part> parts) {
    private static final String PARAMS = "params.";
    private static final String STEPS = "steps.";
    private static final String OUTPUTS = ".outputs.";

    /** A piece of the string. */
    public sealed interface Part {}

    /** Left as it stands. */
    public record Text(String text) implements Part {}

    /** {@code $(params.NAME)}. */
    public record ParamRef(String name) implements Part {}

    /** {@code $(steps.STEP.outputs.NAME)}. */
    public record OutputRef(String step, String name) implements Part {}

    /** Begins with {@code params.} or {@code steps.}, but is none of the two. */
    public record Malformed(String text) implements Part {}

    /** Takes a string apart. */
    public static Template parse(String source) {
        List<Part> parts = new ArrayList<>();
        var text = new StringBuilder();
        int at = 0;
        while (at < source.length()) {
            int end = source.startsWith("$(", at) ? source.indexOf(')', at) : -1;
            if (end >= 0 && isOurs(source, at + 2)) {
                flush(text, parts);
                parts.add(reference(source.substring(at + 2, end)));
                at = end + 1;
            } else {
                // one token of the kubelet's: "$(…)", "$$", "$x" or a character
                int next = end >= 0 ? end + 1 : at + (source.charAt(at) == '$' ? 2 : 1);
                next = Math.min(next, source.length());
                text.append(source, at, next);
                at = next;
            }
        }
        flush(text, parts);
        return new Template(List.copyOf(parts));
    }

    private static boolean isOurs(String source, int at) {
        return source.startsWith(PARAMS, at) || source.startsWith(STEPS, at);
    }

    private static void flush(StringBuilder text, List<Part> parts) {
        if (!text.isEmpty()) {
            parts.add(new Text(text.toString()));
            text.setLength(0);
        }
    }

    private static Part reference(String name) {
        if (name.startsWith(PARAMS)) {
            return new ParamRef(name.substring(PARAMS.length()));
        }
        int outputs = name.indexOf(OUTPUTS);
        return outputs < STEPS.length()
                ? new Malformed(name)
                : new OutputRef(name.substring(STEPS.length(), outputs), name.substring(outputs + OUTPUTS.length()));
    }

    /** The string with each reference replaced by its value, in which every {@code $} is doubled for the kubelet. */
    public String fill(Function<Part, String> values) {
        var filled = new StringBuilder();
        for (Part part : parts) {
            switch (part) {
                case Text(String text) -> filled.append(text);
                case Malformed(String text) -> filled.append("$(").append(text).append(')');
                case ParamRef param -> filled.append(values.apply(param).replace("$", "$$"));
                case OutputRef output -> filled.append(values.apply(output).replace("$", "$$"));
            }
        }
        return filled.toString();
    }
}
