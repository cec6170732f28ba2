package io.sluice.bridge.ledger;

import io.sluice.bridge.ledger.LedgerLayout.Account;
import io.sluice.bridge.ledger.LedgerLayout.Row;
import java.util.Arrays;

/** What each slot holds of one row, as it stood at one instant. */
final class RowShares {
    /** Somebody books without a pause: then the last look is as good as the next. */
    private static final int MOST_LOOKS = 1_000;

    private final long[] bytes;

    private RowShares(long[] bytes) {
        this.bytes = bytes;
    }

    static RowShares read(MappedFile file, int row, int slots) {
        int word = LedgerLayout.row(row) + Row.WORD;
        RowShares shares = new RowShares(new long[slots]);
        for (int looks = 0; looks < MOST_LOOKS; looks++) {
            long tag = file.getLong(word + 8);
            shares.look(file, row, file.getLong(word), tag);
            if (file.getLong(word + 8) == tag) {
                break;
            }
        }
        return shares;
    }

    long bytes(int slot) {
        return bytes[slot];
    }

    /** All shares are up to date but, at most, that of the slot which the word names; it is what the others leave. */
    private void look(MappedFile file, int row, long used, long tag) {
        for (int slot = 0; slot < bytes.length; slot++) {
            bytes[slot] = file.getLong(LedgerLayout.account(row, slot) + Account.SHARE);
        }
        int named = (int) ((tag & ~LedgerLayout.TAG_OPEN) >>> LedgerLayout.TAG_SLOT_SHIFT);
        if ((tag & LedgerLayout.SEQ_MASK) != 0 && named < bytes.length) {
            bytes[named] = Math.max(0, used - (Arrays.stream(bytes).sum() - bytes[named]));
        }
    }
}
