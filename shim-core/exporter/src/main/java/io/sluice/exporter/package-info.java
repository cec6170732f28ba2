/** The metrics of a node: read from the ledgers, the limits and NVML at each scrape, and served to Prometheus. */
package io.sluice.exporter;
