package dev.clew.devcluster.kubelet;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * Reads termination messages as the kubelet does: the last 4096 bytes of the file; or, where the container asks for it, has
 * failed and left the file empty, the last 80 lines and 2048 bytes of its log. Of that, the first 12288 bytes divided by the
 * number of the pod's containers.
 */
final class TerminationMessage {
    private static final int FILE_BYTES = 4096;
    private static final int LOG_BYTES = 2048;
    private static final int LOG_LINES = 80;
    private static final int POD_BYTES = 12288;

    private TerminationMessage() {}

    /**
     * Reads it; empty if there is none.
     *
     * @param file the termination file, which need not exist
     * @param log to fall back on, if that is wanted
     * @param containers of the pod, init containers included
     */
    static Optional<String> read(Path file, Optional<Path> log, int containers) throws IOException {
        byte[] bytes = tail(file, FILE_BYTES);
        if (bytes.length == 0 && log.isPresent()) {
            bytes = lastLines(tail(log.orElseThrow(), LOG_BYTES));
        }
        bytes = Arrays.copyOf(bytes, Math.min(bytes.length, POD_BYTES / containers));
        return bytes.length == 0 ? Optional.empty() : Optional.of(decode(bytes));
    }

    private static byte[] tail(Path file, int length) throws IOException {
        if (!Files.isRegularFile(file)) {
            return new byte[0];
        }
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            long start = Math.max(0, in.length() - length);
            byte[] bytes = new byte[(int) (in.length() - start)];
            in.seek(start);
            in.readFully(bytes);
            return bytes;
        }
    }

    private static byte[] lastLines(byte[] bytes) {
        int lines = 0;
        for (int i = bytes.length - 2; i >= 0; i--) {
            if (bytes[i] == '\n' && ++lines == LOG_LINES) {
                return Arrays.copyOfRange(bytes, i + 1, bytes.length);
            }
        }
        return bytes;
    }

    /** As Go encodes a string as JSON: each invalid byte becomes one U+FFFD. */
    static String decode(byte[] bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length + 1);
        while (true) {
            CoderResult result = decoder.decode(in, out, true);
            if (!result.isMalformed()) {
                return out.flip().toString();
            }
            for (int i = 0; i < result.length(); i++) {
                out.put('\uFFFD');
            }
            in.position(in.position() + result.length());
        }
    }
}
