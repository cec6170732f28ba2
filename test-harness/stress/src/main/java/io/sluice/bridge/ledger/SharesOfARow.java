package io.sluice.bridge.ledger;

import io.sluice.bridge.ledger.LedgerLayout.Account;
import io.sluice.bridge.ledger.LedgerLayout.Row;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** Two slots book on a row, one after the other; a reader sees what both held at one instant. */
@JCStressTest
@Outcome(id = "0, 5", expect = Expect.ACCEPTABLE, desc = "before")
@Outcome(id = "10, 5", expect = Expect.ACCEPTABLE, desc = "slot 0 has 10 more")
@Outcome(id = "10, 25", expect = Expect.ACCEPTABLE, desc = "then slot 1 has 20 more")
@Outcome(id = "3, 25", expect = Expect.ACCEPTABLE, desc = "then slot 0 has 7 less")
@Outcome(expect = Expect.FORBIDDEN, desc = "never so")
@State
public class SharesOfARow {
    private static final int WORD = LedgerLayout.row(0) + Row.WORD;
    private static final int FIRST = LedgerLayout.account(0, 0) + Account.SHARE;
    private static final int SECOND = LedgerLayout.account(0, 1) + Account.SHARE;
    private static final long OF_SECOND = 1L << LedgerLayout.TAG_SLOT_SHIFT;

    private final LedgerWriter ledger = LedgerWriter.next();

    public SharesOfARow() {
        ledger.set(FIRST, 0, 1);
        ledger.set(SECOND, 5, 1);
        ledger.set(WORD, 5, OF_SECOND | 1);
    }

    /** As the books do: the word first, then the share; the last operation is left open. */
    @Actor
    public void writer() {
        ledger.set(WORD, 15, 2);
        ledger.set(FIRST, 10, 2);
        ledger.set(WORD, 35, OF_SECOND | 2);
        ledger.set(SECOND, 25, 2);
        ledger.set(WORD, 28, LedgerLayout.TAG_OPEN | 3);
    }

    @Actor
    public void reader(JJ_Result result) {
        RowShares shares = RowShares.read(ledger.file, 0, 2);
        result.r1 = shares.bytes(0);
        result.r2 = shares.bytes(1);
    }
}
