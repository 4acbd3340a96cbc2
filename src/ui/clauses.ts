/** A formula in parts that can stand below each other. */

/**
 * The parts of a TeX formula that stand beside each other with wide space between them: the equation, then what its letters mean.
 * Space within braces or an environment parts nothing.
 */
export function clausesOf(tex: string): string[] {
  const clauses = [''];
  let depth = 0;
  for (const [piece] of tex.matchAll(/\\(?:begin|end)\b|\\(?:q?quad)\b|\\[^a-z]|\\[a-z]+|[{}]|[^\\{}]+/gi)) {
    if (depth === 0 && /^\\q?quad$/.test(piece)) {
      clauses.push('');
      continue;
    }
    if (piece === '{' || piece === '\\begin') depth += 1;
    if (piece === '}' || piece === '\\end') depth -= 1;
    clauses[clauses.length - 1] += piece;
  }
  return clauses.map((clause) => clause.trim().replace(/,$/, '')).filter((clause) => clause !== '');
}
