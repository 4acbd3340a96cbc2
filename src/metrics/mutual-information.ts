/** Mutual information of a cause that is picked evenly and an outcome. */

/**
 * I(Y; C) = mean over causes of KL(p(y | c) || p(y)), p(y) the mean over causes: at most log(number of causes).
 * @param table Probabilities of the outcomes under each cause, [causes][outcomes]. Each row is normalised: what it puts on outcomes
 *   that are not listed is left out.
 * @returns in nats
 */
export function mutualInformation(table: readonly (readonly number[])[]): number {
  const rows = table.map((row) => {
    const total = row.reduce((sum, p) => sum + p, 0);
    return row.map((p) => p / total);
  });
  const outcomes = rows[0]?.map((_, y) => rows.reduce((sum, row) => sum + (row[y] as number), 0) / rows.length) ?? [];
  const divergences = rows.map((row) => row.reduce((sum, p, y) => (p > 0 ? sum + p * Math.log(p / (outcomes[y] as number)) : sum), 0));
  return divergences.reduce((sum, d) => sum + d, 0) / rows.length;
}
