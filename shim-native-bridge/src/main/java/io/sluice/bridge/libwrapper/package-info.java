/** The libwrapper itself, in the process that it governs. */
package io.sluice.bridge.libwrapper;
