/** What share of a GPU's time do tenants receive? Judged by the simulated GPU's own books, which know nothing of tenants. */
@NullMarked
package io.sluice.bench.share;

import org.jspecify.annotations.NullMarked;
