package dev.clew.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class StatusWriterTest {
    private static final String VERSION = "{\"op\":\"replace\",\"path\":\"/metadata/resourceVersion\",\"value\":\"7\"}";

    private static String patch(String before, String after) throws IOException {
        var mapper = new ObjectMapper();
        return StatusWriter.patch("7", (ObjectNode) mapper.readTree(before), (ObjectNode) mapper.readTree(after))
                .toString();
    }

    @Test
    void aPatchCarriesTheResourceVersionAndOnlyWhatHasChanged() throws IOException {
        assertThat(patch("{'a':1,'b':2,'c':3}".replace('\'', '"'), "{'a':1,'b':5,'d':4}".replace('\'', '"')))
                .isEqualTo("[" + VERSION
                        + ",{\"op\":\"add\",\"path\":\"/status/b\",\"value\":5}"
                        + ",{\"op\":\"remove\",\"path\":\"/status/c\"}"
                        + ",{\"op\":\"add\",\"path\":\"/status/d\",\"value\":4}]");
    }

    @Test
    void ofAListOfTheSameLengthOnlyTheChangedEntriesAreSent() throws IOException {
        assertThat(patch("{\"steps\":[1,2,3]}", "{\"steps\":[1,5,3]}"))
                .isEqualTo("[" + VERSION + ",{\"op\":\"replace\",\"path\":\"/status/steps/1\",\"value\":5}]");
        assertThat(patch("{\"steps\":[1]}", "{\"steps\":[1,2]}"))
                .isEqualTo("[" + VERSION + ",{\"op\":\"add\",\"path\":\"/status/steps\",\"value\":[1,2]}]");
    }
}
