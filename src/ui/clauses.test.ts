import { describe, expect, it } from 'vitest';
import { OBJECTIVES } from '../objectives';
import type { Objective } from '../objectives/objective';
import { clausesOf } from './clauses';

describe('the clauses of a formula', () => {
  it('part at wide space, without the comma before it', () => {
    expect(clausesOf('a = b, \\quad b = c,\\qquad c = \\text{d}')).toEqual(['a = b', 'b = c', 'c = \\text{d}']);
    expect(clausesOf('a')).toEqual(['a']);
  });

  it('stay whole within braces and environments, and at commands that begin alike', () => {
    const whole = '\\frac{a \\quad b}{c}, \\quadratic \\begin{cases} 1 & \\quad x \\\\ 2 \\end{cases} \\{ y \\}';
    expect(clausesOf(whole)).toEqual([whole]);
  });

  it('hold every letter of every formula', () => {
    for (const { id, formula } of Object.values<Objective>(OBJECTIVES)) {
      const bare = (tex: string): string => tex.replace(/,?\s*\\q?quad(?![a-z])/g, '').replace(/\s+/g, '');
      expect(bare(clausesOf(formula).join('')), id).toBe(bare(formula));
    }
  });
});
