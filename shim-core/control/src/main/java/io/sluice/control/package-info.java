/**
 * The control side: where a node keeps its ledgers and limits, which GPUs it has, and how a tenant file becomes limits.
 * Everything here runs before an application starts or beside it, never in it.
 */
package io.sluice.control;
