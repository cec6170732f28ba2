/** The agent itself, in a class loader of its own: the application sees nothing of it. */
package io.sluice.agent.core;
