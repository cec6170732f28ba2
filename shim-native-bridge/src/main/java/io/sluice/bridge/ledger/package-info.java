/** Java's view of the shared files of a tenant: the same bytes that the libwrapper maps. */
package io.sluice.bridge.ledger;
