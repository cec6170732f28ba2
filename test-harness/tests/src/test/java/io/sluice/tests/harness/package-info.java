/** What a test needs to stand on: simulated GPUs of its own, tenants, and client processes. */
package io.sluice.tests.harness;
