/** The reference model of the memory account. */
package io.sluice.policy.account;
