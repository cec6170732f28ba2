/** The description of the CUDA driver API, from which entries, stubs and tables are generated. */
package io.sluice.bridge.api;
