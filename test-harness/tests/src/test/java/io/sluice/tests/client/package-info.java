/** Client programs in Java. They know nothing of Sluice. */
package io.sluice.tests.client;
