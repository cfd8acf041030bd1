# The operator, on a Java runtime that has only the modules it uses.
#
#   docker build -t clew-operator:0.1.0-SNAPSHOT .

ARG BUILD_IMAGE=maven:3.9-eclipse-temurin-25
ARG JDK_IMAGE=eclipse-temurin:25-jdk
ARG RUNTIME_IMAGE=debian:13-slim

# the jars; Maven's repository is kept between builds, and is no part of the image
FROM ${BUILD_IMAGE} AS jars
WORKDIR /build
COPY . .
RUN --mount=type=cache,target=/root/.m2/repository \
    mvn -B -q -Dmaven.test.skip=true -Dspotless.check.skip=true -pl operator -am package

# the runtime: it changes only with this file and the JDK
FROM ${JDK_IMAGE} AS runtime
# java.desktop is for java.beans, without which Log4j does not start. What else jdeps finds (java.compiler, java.rmi,
# java.scripting) is for parts of libraries that are not used.
RUN jlink \
    --add-modules java.base,java.desktop,java.logging,java.management,java.naming,java.sql,java.xml,jdk.httpserver,jdk.management,jdk.unsupported \
    --no-header-files --no-man-pages --compress zip-6 --output /jre

FROM ${RUNTIME_IMAGE}
COPY --from=runtime /jre /opt/java
# what seldom changes first
COPY --from=jars /build/operator/target/lib/ /opt/clew/lib/
COPY --from=jars /build/operator/target/clew-operator-*.jar /opt/clew/
# a number, so that runAsNonRoot can be checked
USER 65532:65532
WORKDIR /tmp
EXPOSE 8080
ENTRYPOINT ["/opt/java/bin/java", \
    "-XX:+UseSerialGC", \
    "-XX:+UseCompactObjectHeaders", \
    "-XX:MaxRAMPercentage=60", \
    "-XX:+ExitOnOutOfMemoryError", \
    "-XX:-UsePerfData", \
    "--sun-misc-unsafe-memory-access=allow", \
    "-cp", "/opt/clew/*:/opt/clew/lib/*", \
    "dev.clew.operator.Main"]
