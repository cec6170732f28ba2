/**
 * The tenant file: one parser for every way in, and the values it gives.
 *
 * <p>{@link io.sluice.policy.tenantfile.TenantFileParser} reads bytes into {@link io.sluice.policy.tenantfile.TenantFile}
 * or says everything that is wrong with them. It never falls back to a default that permits more than the file says,
 * and a documented key that this release does not enforce is an error.
 */
package io.sluice.policy.tenantfile;
