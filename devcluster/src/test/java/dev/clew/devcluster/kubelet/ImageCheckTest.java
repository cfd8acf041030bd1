package dev.clew.devcluster.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ContainerBuilder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageCheckTest {
    private final ImageCheck images = new ImageCheck(KubeletOptions.defaults().missingImage());

    @ParameterizedTest
    @CsvSource({
        "busybox, ok",
        "busybox:1.36, ok",
        "my_image, ok",
        "example.com:5000/team/app:v1.2_3, ok",
        "example.com/app@sha256:33d8bf51d333a41ee2f265fa2a4849acef984a7e571468cb21b2992a6ce45bce, ok",
        "missing/app:1, ErrImagePull",
        "no-such/image:1, ErrImagePull",
        "busybox:missing, ErrImagePull",
        "missing, ok",
        "Not//AnImage, InvalidImageName",
        "example.com/Team/app, InvalidImageName",
        "'', InvalidImageName",
    })
    void an_image_is_taken_for_there_missing_or_invalid_by_its_name(String image, String expected) {
        var trouble = images.check(new ContainerBuilder().withImage(image).build(), 1);

        assertThat(trouble.map(ContainerSource.Start.NotCreated::reason).orElse("ok"))
                .isEqualTo(expected);
    }
}
