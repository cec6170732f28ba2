/** What Sluice costs, and the do-nothing driver that it is measured on. */
package io.sluice.bench;
