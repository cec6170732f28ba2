/**
 * What the JVM puts on the application's class path: compiled for Java 8, so that a JVM that is too old is told so, and
 * dependent on nothing but the JDK.
 */
package io.sluice.agent.boot;
