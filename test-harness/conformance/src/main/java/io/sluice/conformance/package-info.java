/** What NVIDIA's documentation says of the driver API, as checks that any CUDA driver can be put to. */
@NullMarked
package io.sluice.conformance;

import org.jspecify.annotations.NullMarked;
