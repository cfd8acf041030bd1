package dev.clew.devcluster.kubelet;

import dev.clew.devcluster.kubelet.ContainerSource.Start.NotCreated;
import io.fabric8.kubernetes.api.model.Container;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** What a kubelet says of images that it cannot get. There are no images here: some names are taken for missing. */
final class ImageCheck {
    private static final Pattern REFERENCE = Pattern.compile(
            "[a-zA-Z0-9._-]+(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:[\\w.-]{1,128})?(@[a-z0-9]+:[0-9a-f]+)?");

    private final Predicate<String> missing;

    ImageCheck(Predicate<String> missing) {
        this.missing = missing;
    }

    /** Why the container cannot be made, if its image is the reason. */
    Optional<NotCreated> check(Container container, int attempt) {
        String image = container.getImage();
        if (!REFERENCE.matcher(image).matches()) {
            return Optional.of(new NotCreated(
                    "InvalidImageName",
                    "Failed to apply default image tag \"%1$s\": couldn't parse image name \"%1$s\": invalid reference format"
                            .formatted(image)));
        }
        if (!missing.test(image)) {
            return Optional.empty();
        }
        if ("Never".equals(container.getImagePullPolicy())) {
            return Optional.of(new NotCreated(
                    "ErrImageNeverPull",
                    "Container image \"%s\" is not present with pull policy of Never".formatted(image)));
        }
        String error =
                "rpc error: code = NotFound desc = failed to pull and unpack image \"%1$s\": failed to resolve reference \"%1$s\": %1$s: not found"
                        .formatted(image);
        return Optional.of(
                attempt == 1
                        ? new NotCreated("ErrImagePull", error)
                        : new NotCreated(
                                "ImagePullBackOff",
                                "Back-off pulling image \"%s\": ErrImagePull: %s".formatted(image, error)));
    }
}
