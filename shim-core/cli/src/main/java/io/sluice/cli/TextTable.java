package io.sluice.cli;

import java.util.ArrayList;
import java.util.List;

/** Aligned columns for a terminal, a pipe or a log: no colours, no lines, no trailing blanks. */
final class TextTable {
    private final List<List<String>> rows = new ArrayList<>();
    private final int firstNumber;

    /**
     * @param firstNumber from this column on, cells are aligned to the right
     * @param headings one per column
     */
    TextTable(int firstNumber, String... headings) {
        this.firstNumber = firstNumber;
        rows.add(List.of(headings));
    }

    void add(String... cells) {
        rows.add(List.of(cells));
    }

    @Override
    public String toString() {
        int columns = rows.get(0).size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                String blanks = " ".repeat(widths[i] - row.get(i).length());
                line.append(i == 0 ? "" : "  ").append(i < firstNumber ? row.get(i) + blanks : blanks + row.get(i));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
