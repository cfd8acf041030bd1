package dev.clew.devcluster.kubelet;

import java.util.Map;

/**
 * The kubelet's grammar for {@code $(NAME)} in env values, commands and arguments: {@code $$} is a {@code $}; an unknown name
 * and anything that is no reference stay as they stand. What is put in is not looked at again.
 */
final class VariableExpansion {
    private VariableExpansion() {}

    static String expand(String text, Map<String, String> variables) {
        StringBuilder expanded = new StringBuilder();
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (c != '$' || i + 1 == text.length()) {
                expanded.append(c);
                i++;
                continue;
            }
            char next = text.charAt(i + 1);
            int end = next == '(' ? text.indexOf(')', i + 2) : -1;
            if (next == '$') {
                expanded.append('$');
                i += 2;
            } else if (end >= 0) {
                String name = text.substring(i + 2, end);
                String value = variables.get(name);
                expanded.append(value == null ? "$(" + name + ")" : value);
                i = end + 1;
            } else {
                expanded.append('$').append(next);
                i += 2;
            }
        }
        return expanded.toString();
    }
}
