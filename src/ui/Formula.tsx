/** A formula in TeX, set by KaTeX, which is only fetched for this. */
import { Box } from '@mantine/core';
import katex from 'katex';
import 'katex/dist/katex.css';
import type { ReactElement } from 'react';
import { clausesOf } from './clauses';
import classes from './ui.module.css';

/** Its clauses stand below each other, each of them broken at operators where it is too wide for one line. */
export function Formula({ tex }: { tex: string }): ReactElement {
  // Only what KaTeX takes for inline can be broken.
  const html = clausesOf(tex).map((clause) => {
    const set = katex.renderToString(`\\displaystyle ${clause}`, { throwOnError: false, output: 'htmlAndMathml' });
    return `<div>${set}</div>`;
  });
  return (
    <Box
      tabIndex={0}
      className={classes.formula}
      ref={(node) => {
        if (node !== null) node.innerHTML = html.join('');
      }}
    />
  );
}
